import { BELLS } from "../client/chat/command.ts";
import type { ClientOptions } from "../client/client.ts";
import type { LoginDefaults } from "../client/login/login-flow.ts";
import type { Endpoint } from "../client/net/endpoint.ts";
import type { Credentials } from "../client/net/join.ts";
import { isFingerprint } from "../client/net/known-servers.ts";
import { accessTokenField, emailField, nameField } from "../wire/messages.ts";
import {
	type Environment,
	type Flags,
	HOST,
	helpPage,
	nonEmpty,
	oneOf,
	PORT,
	parseFlags,
	parseInteger,
	sharedFlags,
	UsageError,
} from "./flags.ts";

const clientFlags = {
	name: { value: "NAME", help: "your name in the room" },
	email: { value: "ADDRESS", help: "your Gmail address" },
	token: { help: "log in with the OAuth 2 access token in FERNET_CHAT_TOKEN", hasNoVariable: true },
	bell: { value: BELLS.join("|"), default: "mention", help: "when the terminal rings" },
	plain: { help: "lines in, lines out, no colour and no control sequence ever" },
	json: { help: "for bots: a JSON object a line, no prompts, password in FERNET_CHAT_PASSWORD" },
	...sharedFlags,
} satisfies Flags;

export const clientHelp = helpPage(
	"bun client.ts [HOST[:PORT][#FINGERPRINT]] [flags]",
	`Joins the room at HOST:PORT (${HOST}:${PORT}), over TLS unless that is this machine.

Exit codes: 0 left or room ended, 1 wrong use, 2 login denied, or kicked or banned, 3 server
unreachable or lost, 4 a fault of the program itself.`,
	clientFlags,
);

/**
 * Null asks for the help page. `canAsk`: a person types here; `canDraw`: and sees a terminal. Throws
 * UsageError.
 */
export function clientOptions(
	args: string[],
	environment: Environment,
	{ canAsk, canDraw }: { canAsk: boolean; canDraw: boolean },
): ClientOptions | null {
	const { values, words } = parseFlags(clientFlags, args, environment);
	if (values.help) return null;
	if (words[1] !== undefined) throw new UsageError(`"${words[1]}" is not expected`);
	const { keys, name, email } = values;
	if (name !== undefined && !nameField.is(name)) {
		throw new UsageError(`--name must be ${nameField.expected}`);
	}
	if (email !== undefined && !emailField.is(email)) {
		throw new UsageError(`--email must be ${emailField.expected}`);
	}
	const credentials = unasked({ name, email }, values.token, environment);
	if (!credentials && (values.json || !canAsk)) {
		const sentence = "to log in unasked: --name, --email and FERNET_CHAT_PASSWORD";
		throw new UsageError(`${sentence}, or --token and FERNET_CHAT_TOKEN`);
	}
	return {
		endpoint: address(words[0] ?? HOST),
		keys: nonEmpty("--keys", keys),
		defaults: { name, email },
		credentials,
		json: values.json,
		plain: values.plain || !canAsk || !canDraw || environment.TERM === "dumb",
		bell: oneOf("--bell", values.bell, BELLS),
	};
}

/**
 * Who to log in as, or null where a person has to say. A secret comes from the environment alone: a
 * flag would show it to the whole machine. Throws UsageError for a token that is not there.
 */
function unasked(
	{ name, email }: LoginDefaults,
	byToken: boolean,
	{ FERNET_CHAT_PASSWORD: password, FERNET_CHAT_TOKEN: token }: Environment,
): Credentials | null {
	const who = name === undefined || email === undefined ? null : { name, email };
	if (!byToken) return who && password ? { ...who, password } : null;
	if (who && accessTokenField.is(token)) return { ...who, token };
	const sentence = `--token wants --name, --email and, in FERNET_CHAT_TOKEN, ${accessTokenField.expected}`;
	throw new UsageError(sentence);
}

/** HOST, HOST:PORT, [IPV6] or [IPV6]:PORT; with #FINGERPRINT, its colons left out or not. */
function address(text: string): Endpoint {
	const [, bracketed, plain, port = PORT, digits] =
		/^(?:\[([\da-fA-F:.]+)\]|([^\s:[\]#]+))(?::(\d+))?(?:#(.*))?$/.exec(text) ?? [];
	// A server has one name, however it is spelt, and is remembered by it.
	const host = (bracketed ?? plain)?.toLowerCase();
	if (host === undefined) throw new UsageError(`"${text}" is not HOST or HOST:PORT`);
	const fingerprint = digits?.replaceAll(":", "").toLowerCase();
	if (fingerprint !== undefined && !isFingerprint(fingerprint)) {
		throw new UsageError("a fingerprint is 64 hexadecimal digits, as the server prints it");
	}
	return { host, port: parseInteger("the port", port, 1, 65_535), fingerprint };
}
