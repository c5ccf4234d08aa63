import { mapLimits } from "../server/limits/limits.ts";
import type { CodeMailerOptions } from "../server/mail/mail-job.ts";
import { isGmail, type SmtpServer } from "../server/mail/smtp-server.ts";
import { looksLikeUrl } from "../server/redis/redis-address.ts";
import type { RunOptions } from "../server/run.ts";
import { installation } from "../util/installation.ts";
import { APP_PASSWORDS } from "../wire/errors/error-codes.ts";
import { appPasswordIn } from "../wire/messages/app-password.ts";
import { emailField, passwordField } from "../wire/messages/fields.ts";
import { LOGIN_METHODS, type LoginMethod, needsVerifier } from "../wire/messages/login-methods.ts";
import { parseEndpoints } from "./endpoints.ts";
import { type Parsed, parseFlags, type ValuesOf } from "./flags.ts";
import { helpPage } from "./help-page.ts";
import { assertVariablesKnown } from "./misspellings.ts";
import { faultOf, UsageError, withoutLineEnd } from "./parsers.ts";
import { serverFlags } from "./server-flags.ts";
import type { Sources } from "./sources.ts";
import type { Environment } from "./variables.ts";
import { webOptions } from "./web.ts";

const page = (): string =>
	helpPage(
		`${installation.own("server")} [flags]`,
		"Opens a chat room for people with a Gmail address. It ends when the last one leaves.",
		serverFlags,
	);

/** SQLite takes no more than 10^9 bytes in one piece: the room's events, as a token, and the rest. */
const MAX_KEPT_BYTES = 128 * 1024 * 1024;

type ServerFlags = Parsed<typeof serverFlags>;
type Values = ValuesOf<typeof serverFlags>;

/** Never repeats a URL: some hold a password. */
const unexpected = (argument: string): UsageError => {
	const what = looksLikeUrl(argument)
		? ": a URL belongs behind its flag"
		: ` ${JSON.stringify(argument)}`;
	return new UsageError(`Unexpected argument${what}. Type --help for the flags.`);
};

/**
 * Returns a string if there is only something to print: the help page or the version. Throws
 * UsageError.
 */
export function serverOptions(
	args: string[],
	environment: Environment,
): (RunOptions & { readonly sources: Sources }) | string {
	const parsed = parseFlags(serverFlags, page, args, environment);
	if (typeof parsed === "string") return parsed;
	assertVariablesKnown(environment);
	const { values, positionals, sources } = parsed;
	if (positionals[0] !== undefined) throw unexpected(positionals[0]);
	const endpoints = publicEndpoints(parsed);
	const mailer = values.mailer ? codeMailer(values.mailer, environment, sources) : null;
	const methods = loginMethods(parsed, mailer !== null);
	assertCodesFitVerifier(methods, values);
	return {
		...values,
		sources,
		tls: certificateSource(parsed),
		public: endpoints,
		web: webOptions(parsed, endpoints),
		room: roomSource(parsed),
		methods,
		mailer: methods.includes("code") ? mailer : null,
		allow: allowSource(values),
		emailVisibility: values.addresses,
		owners: new Set(values.owner),
		limits: mapLimits((_, name) => values[name]),
	};
}

/** A certificate and its key come together, and turn TLS on as `--tls` does. Throws UsageError. */
function certificateSource({ values, sources }: ServerFlags): RunOptions["tls"] {
	const { tlsCert: cert, tlsKey: key } = values;
	if (cert !== undefined && key !== undefined) return { cert, key };
	if (cert !== undefined) throw new UsageError(`${sources.tlsCert} needs --tls-key beside it.`);
	if (key !== undefined) throw new UsageError(`${sources.tlsKey} needs --tls-cert beside it.`);
	return values.tls ? "own" : null;
}

/** Where members reach the room's servers, on this one's port unless another is given. Throws UsageError. */
function publicEndpoints({ values, sources }: ServerFlags): RunOptions["public"] {
	if (values.public === undefined) return undefined;
	if (!values.tls && values.tlsCert === undefined) {
		throw new UsageError(`${sources.public} needs --tls, or --tls-cert and --tls-key.`);
	}
	return parseEndpoints(values.public, values.port, `${sources.public}: `);
}

/** Where the room is kept, if it is to outlive the server. Throws UsageError. */
function roomSource({
	values: { room, roomKey: key, grace, logBytes },
	sources,
}: ServerFlags): RunOptions["room"] {
	if (room !== undefined) {
		// Otherwise everybody would have left as soon as the server stops.
		if (grace === 0) throw new UsageError(`${sources.room} needs a --grace of at least 1.`);
		if (logBytes > MAX_KEPT_BYTES) {
			throw new UsageError(`With ${sources.room}, --log-bytes must be at most ${MAX_KEPT_BYTES}.`);
		}
		if (typeof room === "string") return { file: room, key: key ?? `${room}.key` };
		if (key !== undefined) return { redis: room, key };
		throw new UsageError(
			`${sources.room} needs --room-key FILE: the key that all servers of the room share.`,
		);
	}
	if (key !== undefined) throw new UsageError(`${sources.roomKey} needs --room beside it.`);
	return null;
}

const allowSource = ({ allow: entries, allowFile: file }: Values): RunOptions["allow"] => ({
	...(entries && { entries }),
	...(file && { file }),
});

/** The methods listed, else all that are possible. Throws UsageError for codes without a mailer. */
function loginMethods(
	{ values: { methods: listed }, sources }: ServerFlags,
	hasMailer: boolean,
): readonly LoginMethod[] {
	if (listed?.includes("code") && !hasMailer) {
		throw new UsageError(`${sources.methods} with code needs --mailer.`);
	}
	return LOGIN_METHODS.filter((method) => {
		return listed ? listed.includes(method) : method !== "code" || hasMailer;
	});
}

/**
 * Without a guest list, codes let in anyone at gmail.com. An operator who has another mail
 * server check passwords means to admit its accounts, and hardly all of Gmail's. Throws UsageError.
 */
function assertCodesFitVerifier(
	methods: readonly LoginMethod[],
	{ smtp, allow, allowFile }: Values,
): void {
	if (!methods.includes("code") || !needsVerifier(methods) || isGmail(smtp)) return;
	if (allow !== undefined || allowFile !== undefined) return;
	const sentence = `Codes would let in anyone at gmail.com, even without an account at ${smtp.host}.`;
	throw new UsageError(
		`${sentence} List who can join with --allow, or leave code out of --methods.`,
	);
}

/** From the environment alone: every user of the machine can read a flag. Throws UsageError. */
function codeMailer(
	server: SmtpServer,
	environment: Environment,
	{ mailer }: Sources,
): CodeMailerOptions {
	const user = withoutLineEnd(environment.FERNET_CHAT_MAILER_USER);
	const password = withoutLineEnd(environment.FERNET_CHAT_MAILER_PASSWORD);
	if (emailField.is(user) && passwordField.is(password)) {
		if (!isGmail(server) || appPasswordIn(password) !== null) return { server, user, password };
		throw new UsageError(
			`${mailer} is Gmail's, but FERNET_CHAT_MAILER_PASSWORD is not an app password, which is 16 letters. Create one at ${APP_PASSWORDS}`,
		);
	}
	const faults = [
		emailField.is(user) ? [] : `FERNET_CHAT_MAILER_USER ${faultOf(user, emailField)}`,
		passwordField.is(password)
			? []
			: `FERNET_CHAT_MAILER_PASSWORD ${faultOf(password, passwordField)}`,
	];
	throw new UsageError(
		`${mailer} needs the account that sends the mail, but ${faults.flat().join(", and ")}.`,
	);
}
