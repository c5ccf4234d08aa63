import type { ClientOptions } from "../client/client.ts";
import type { GivenCredentials } from "../client/login/join-unasked.ts";
import type { LoginDefaults } from "../client/login/login-page.ts";
import { installation } from "../util/installation.ts";
import { accessTokenField } from "../wire/messages/fields.ts";
import { clientFlags } from "./client-flags.ts";
import { parseEndpoints } from "./endpoints.ts";
import { HOST, PORT, parseFlags } from "./flags.ts";
import { helpPage } from "./help-page.ts";
import { assertVariablesKnown } from "./misspellings.ts";
import { faultOf, UsageError, withoutLineEnd } from "./parsers.ts";
import type { Sources } from "./sources.ts";
import type { Environment } from "./variables.ts";

const page = (): string =>
	helpPage(
		`${installation.own("client")} [HOST[:PORT][#FINGERPRINT][,HOST…]] [flags]`,
		`Joins the room at HOST:PORT (${HOST}:${PORT}), over TLS unless it is on this machine. If several servers keep the room, give all: the client goes to the next one when one does not answer.

Exit codes: 0 you left or the room ended; 1 wrong usage; 2 login denied, kicked or banned; 3 server unreachable or lost; 4 a bug in fernet-chat; 5 not now: try again later.`,
		clientFlags,
	);

const NOT_IN_A_WINDOW = ["json", "plain", "token"] as const;

/**
 * Returns a string if there is only something to print: the help page or the version. `canAsk`: the
 * input is a terminal, on which a person types; `canDraw`: the output is a terminal. Throws
 * UsageError.
 */
export function clientOptions(
	args: string[],
	environment: Environment,
	{ canAsk, canDraw }: { canAsk: boolean; canDraw: boolean },
): (ClientOptions & { readonly sources: Sources }) | string {
	const parsed = parseFlags(clientFlags, page, args, environment);
	if (typeof parsed === "string") return parsed;
	assertVariablesKnown(environment);
	const { values, positionals, sources } = parsed;
	if (positionals[1] !== undefined)
		throw new UsageError(
			`Unexpected argument ${JSON.stringify(positionals[1])}. Type --help for the flags.`,
		);
	const { name, email, json, remember } = values;
	if (values.window) {
		assertAlone(values, sources);
		canAsk = true;
	}
	const given = { byToken: values.token, mayLackProof: remember && (json || !canAsk) };
	// A window asks for the rest itself.
	const credentials = values.window ? null : givenCredentials({ name, email }, given, environment);
	if (!credentials && (json || !canAsk)) {
		const why = json
			? `With ${sources.json} there are no prompts.`
			: "There is no terminal here to ask you on.";
		const needed =
			"Give --name, --email and FERNET_CHAT_PASSWORD, or --token and FERNET_CHAT_TOKEN.";
		throw new UsageError(`${why} ${needed}`);
	}
	return {
		...values,
		// Its default is only what a first run has: what was chosen with /bell lasts.
		bell: sources.bell === undefined ? undefined : values.bell,
		sources,
		endpoints: parseEndpoints(positionals[0] ?? HOST, Number(PORT)),
		defaults: { name, email },
		credentials,
		plain: values.plain || !canAsk || !canDraw || environment.TERM === "dumb",
	};
}

/** A window has its own ways to show and to ask. Throws UsageError for a flag that it cannot obey. */
function assertAlone(
	values: Record<(typeof NOT_IN_A_WINDOW)[number], boolean>,
	sources: Sources,
): void {
	const other = NOT_IN_A_WINDOW.find((flag) => values[flag]);
	if (other === undefined) return;
	throw new UsageError(`${sources.window} and ${sources[other]} cannot be used together.`);
}

/**
 * The credentials given, or null if a person has to type them. A secret comes only from the
 * environment, because every user of the machine can read a flag. A device that is remembered needs
 * none. Throws UsageError for an incomplete `--token`.
 */
function givenCredentials(
	{ name, email }: LoginDefaults,
	{ byToken, mayLackProof }: { byToken: boolean; mayLackProof: boolean },
	environment: Environment,
): GivenCredentials | null {
	const password = withoutLineEnd(environment.FERNET_CHAT_PASSWORD);
	const token = withoutLineEnd(environment.FERNET_CHAT_TOKEN);
	const who = name === undefined || email === undefined ? null : { name, email };
	if (who && mayLackProof && !(byToken ? token : password)) return who;
	if (!byToken) return who && password ? { ...who, password } : null;
	if (who && accessTokenField.is(token)) return { ...who, token };
	const fault = who
		? `FERNET_CHAT_TOKEN ${faultOf(token, accessTokenField)}`
		: `--${name === undefined ? "name" : "email"} is missing`;
	throw new UsageError(
		`--token needs --name, --email and an access token in FERNET_CHAT_TOKEN, but ${fault}.`,
	);
}
