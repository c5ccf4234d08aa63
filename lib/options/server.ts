import { homedir } from "node:os";
import { join } from "node:path";
import { EMAIL_VISIBILITIES, parseAccount, parseAllowEntry } from "../server/auth/account.ts";
import { mapLimits } from "../server/limits/limits.ts";
import { LOG_FORMATS } from "../server/log/logger.ts";
import type { CodeMailerOptions } from "../server/mail/mail-job.ts";
import { GMAIL_URL, isGmail, parseSmtpUrl, type SmtpServer } from "../server/mail/smtp-server.ts";
import type { RunOptions } from "../server/run.ts";
import { emailField, passwordField, titleField } from "../wire/messages/fields.ts";
import { LOGIN_METHODS, type LoginMethod, needsVerifier } from "../wire/messages/login-methods.ts";
import {
	type Environment,
	type Flags,
	HOST,
	PORT,
	parseFlags,
	sharedFlags,
	toggle,
	type ValuesOf,
} from "./flags.ts";
import { helpPage } from "./help-page.ts";
import {
	integer,
	listOf,
	nonEmpty,
	oneOf,
	type Parser,
	parser,
	UsageError,
	valid,
} from "./parsers.ts";

const path = nonEmpty("a path");
const account = parser(emailField.expected, parseAccount);
const allowEntry = parser(`${emailField.expected}, or a domain like @school.edu`, parseAllowEntry);

/** Never repeats the text: people put passwords into such URLs. */
const smtpServer: Parser<SmtpServer> = (text, name) => {
	const server = parseSmtpUrl(text);
	if (server) return server;
	throw new UsageError(`${name} must be smtps://HOST[:PORT] or smtp://HOST[:PORT].`);
};

const serverFlags = {
	host: {
		placeholder: "ADDRESS",
		default: HOST,
		help: "the address to listen on",
		parse: nonEmpty("an address"),
	},
	port: {
		placeholder: "N",
		default: PORT,
		help: "the port to listen on; 0 takes a free one",
		parse: integer(0, 65_535),
	},
	tls: toggle("accept other devices over TLS 1.3; creates a certificate on first use"),
	tlsCert: {
		placeholder: "FILE",
		help: "the same with your own certificate (PEM)",
		parse: path,
	},
	tlsKey: { placeholder: "FILE", help: "its private key (PEM)", parse: path },
	state: {
		placeholder: "DIR",
		help: "where the ban list and certificate are kept ($XDG_STATE_HOME/fernet-chat or ~/.local/state/fernet-chat)",
		parse: path,
	},
	smtp: {
		placeholder: "URL",
		default: GMAIL_URL,
		help: "the mail server that checks logins, smtps:// or smtp://HOST[:PORT]",
		parse: smtpServer,
	},
	mailer: {
		placeholder: "URL",
		help: "the mail server that sends codes, as in --smtp; needs FERNET_CHAT_MAILER_USER and FERNET_CHAT_MAILER_PASSWORD",
		parse: smtpServer,
	},
	methods: {
		placeholder: "LIST",
		help: `how people can log in: ${LOGIN_METHODS.join()}; code needs --mailer (all that are possible)`,
		parse: listOf(oneOf(LOGIN_METHODS)),
	},
	allow: {
		placeholder: "LIST",
		help: "who can join: mail addresses and @domains, separated by commas",
		parse: listOf(allowEntry),
	},
	allowFile: {
		placeholder: "FILE",
		help: "the same from a file, one per line; reloaded when it changes",
		parse: path,
	},
	stay: toggle("keep the room open after the last member leaves"),
	addresses: {
		placeholder: EMAIL_VISIBILITIES.join("|"),
		default: "masked",
		help: "what members see of each other's addresses",
		parse: oneOf(EMAIL_VISIBILITIES),
	},
	log: {
		placeholder: LOG_FORMATS.join("|"),
		default: "text",
		help: "the format of the log on stderr",
		parse: oneOf(LOG_FORMATS),
	},
	owner: {
		placeholder: "ADDRESS[,ADDRESS…]",
		help: "the accounts that own the room",
		parse: listOf(account),
	},
	title: { placeholder: "TEXT", help: "the room's title", parse: valid(titleField) },
	motd: {
		placeholder: "FILE",
		help: "a file whose text everybody reads on joining (message of the day)",
		parse: path,
	},
	...mapLimits(({ min, max, help, ...limit }) => ({
		placeholder: "N",
		default: String(limit.default),
		help: `${help}, ${min} to ${max}`,
		parse: integer(min, max),
	})),
	...sharedFlags,
} satisfies Flags;

const page = helpPage(
	"bun server.ts [flags]",
	"Opens a chat room for people with a Gmail address. It ends when the last one leaves.",
	serverFlags,
);

type Values = ValuesOf<typeof serverFlags>;

/**
 * Returns a string if there is only something to print: the help page or the version. Throws
 * UsageError.
 */
export function serverOptions(args: string[], environment: Environment): RunOptions | string {
	const parsed = parseFlags(serverFlags, page, args, environment);
	if (typeof parsed === "string") return parsed;
	const { values, positionals } = parsed;
	if (positionals[0] !== undefined)
		throw new UsageError(
			`Unexpected argument ${JSON.stringify(positionals[0])}. Type --help for the flags.`,
		);
	const mailer = values.mailer ? codeMailer(values.mailer, environment) : null;
	const methods = loginMethods(values.methods, mailer !== null);
	assertCodesFitVerifier(methods, values);
	return {
		...values,
		tls: certificateSource(values),
		state: values.state ?? stateFolder(environment),
		methods,
		mailer: methods.includes("code") ? mailer : null,
		allow: allowSource(values),
		emailVisibility: values.addresses,
		owners: new Set(values.owner),
		limits: mapLimits((_, name) => values[name]),
	};
}

/** A certificate and its key come together, and turn TLS on as `--tls` does. Throws UsageError. */
function certificateSource(values: Values): RunOptions["tls"] {
	const { tlsCert: cert, tlsKey: key } = values;
	if (cert !== undefined && key !== undefined) return { cert, key };
	if (cert !== undefined || key !== undefined) {
		throw new UsageError("Give --tls-cert and --tls-key together.");
	}
	return values.tls ? "own" : null;
}

const allowSource = ({ allow: entries, allowFile: file }: Values): RunOptions["allow"] => ({
	...(entries && { entries }),
	...(file && { file }),
});

const stateFolder = ({ XDG_STATE_HOME }: Environment): string =>
	join(XDG_STATE_HOME || join(homedir(), ".local", "state"), "fernet-chat");

/** The methods listed, else all that are possible. Throws UsageError for codes without a mailer. */
function loginMethods(
	listed: readonly LoginMethod[] | undefined,
	hasMailer: boolean,
): readonly LoginMethod[] {
	if (listed?.includes("code") && !hasMailer) {
		throw new UsageError("--methods code needs --mailer.");
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
	{ FERNET_CHAT_MAILER_USER: user, FERNET_CHAT_MAILER_PASSWORD: password }: Environment,
): CodeMailerOptions {
	if (emailField.is(user) && passwordField.is(password)) return { server, user, password };
	const sentence =
		"--mailer needs the address and the password of the account that sends the mail,";
	throw new UsageError(`${sentence} in FERNET_CHAT_MAILER_USER and FERNET_CHAT_MAILER_PASSWORD.`);
}
