import { homedir } from "node:os";
import { join } from "node:path";
import {
	EMAIL_VISIBILITIES,
	type EmailVisibility,
	parseAccount,
	parseAllowEntry,
} from "../server/auth/account.ts";
import { LIMITS, type Limits } from "../server/limits/limits.ts";
import { LOG_FORMATS, type LogFormat } from "../server/log/logger.ts";
import type { CodeMailerOptions } from "../server/mail/code-mailer.ts";
import { GMAIL_URL, isGmail, parseSmtpUrl, type SmtpServer } from "../server/mail/smtp-server.ts";
import type { ServeOptions } from "../server/server.ts";
import type { CertificateFiles } from "../server/tls/certificate.ts";
import { LOGIN_METHODS, type LoginMethod, needsVerifier } from "../wire/credentials.ts";
import { emailField, passwordField, titleField } from "../wire/messages.ts";
import {
	type Environment,
	type Flags,
	HOST,
	helpPage,
	type LimitFlag,
	nonEmpty,
	oneOf,
	PORT,
	parseFlags,
	parseInteger,
	sharedFlags,
	UsageError,
} from "./flags.ts";

export interface ServerOptions {
	host: string;
	port: number;
	keys: string;
	/** Connections over TLS, with the owner's certificate or with our own; null without. */
	tls: CertificateFiles | "own" | null;
	/** Path of the folder that outlives the server. */
	state: string;
	smtp: SmtpServer;
	allow: ServeOptions["allow"];
	methods: readonly LoginMethod[];
	mailer: CodeMailerOptions | null;
	stay: boolean;
	emailVisibility: EmailVisibility;
	log: LogFormat;
	owners: ReadonlySet<string>;
	title: string | undefined;
	motd: string | undefined;
	limits: Limits;
}

const serverFlags = {
	host: { value: "ADDRESS", default: HOST, help: "the address to listen on" },
	port: { value: "N", default: PORT, help: "the port to listen on; 0 takes a free one" },
	tls: { help: "let in other devices, over TLS 1.3, with a certificate made at the first start" },
	"tls-cert": { value: "FILE", help: "the same with a certificate of yours: a PEM file" },
	"tls-key": { value: "FILE", help: "its private key: a PEM file" },
	state: {
		value: "DIR",
		help: "the folder for what outlives the server; else $XDG_STATE_HOME or ~/.local/state, /fernet-chat",
	},
	smtp: {
		value: "URL",
		default: GMAIL_URL,
		help: "who checks logins: smtps:// or smtp://HOST[:PORT]",
	},
	mailer: {
		value: "URL",
		help: "who mails sign-in codes, as in --smtp; with FERNET_CHAT_MAILER_USER and FERNET_CHAT_MAILER_PASSWORD",
	},
	methods: {
		value: "LIST",
		help: `how to log in: ${LOGIN_METHODS.join()}, the last with --mailer (all that can be)`,
	},
	allow: { value: "LIST", help: "who may come in: addresses and @domains, with commas between" },
	"allow-file": { value: "FILE", help: "the same, one a line; read again when it changes" },
	stay: { help: "keep the room open when the last member has left" },
	addresses: {
		value: EMAIL_VISIBILITIES.join("|"),
		default: "masked",
		help: "what members see of each other's addresses",
	},
	log: { value: LOG_FORMATS.join("|"), default: "text", help: "how the log on stderr is written" },
	owner: { value: "ADDRESS[,ADDRESS…]", help: "whose accounts own the room" },
	title: { value: "TEXT", help: "what the room is called" },
	motd: { value: "FILE", help: "what everybody reads who comes in" },
	...limitFlags(),
	...sharedFlags,
} satisfies Flags;

export const serverHelp = helpPage(
	"bun server.ts [flags]",
	"Opens a chat room for people with a Gmail address; it ends when the last one has left.",
	serverFlags,
);

/** Null asks for the help page. Throws UsageError. */
export function serverOptions(args: string[], environment: Environment): ServerOptions | null {
	const { values, words } = parseFlags(serverFlags, args, environment);
	if (values.help) return null;
	if (words[0] !== undefined) throw new UsageError(`"${words[0]}" is not expected`);
	const mailer = values.mailer === undefined ? null : mailerOf(values.mailer, environment);
	const methods = chosenWays(values.methods, mailer !== null);
	const server = mailboxOf("--smtp", values.smtp);
	const allow = allowed(values.allow, values["allow-file"]);
	mustBeOneHouse(methods, server, allow);
	return {
		host: nonEmpty("--host", values.host),
		port: parseInteger("--port", values.port, 0, 65_535),
		keys: nonEmpty("--keys", values.keys),
		tls: tlsOf(values),
		state: nonEmpty("--state", values.state ?? stateFolder(environment)),
		smtp: server,
		methods,
		mailer: methods.includes("code") ? mailer : null,
		allow,
		stay: values.stay,
		emailVisibility: oneOf("--addresses", values.addresses, EMAIL_VISIBILITIES),
		log: oneOf("--log", values.log, LOG_FORMATS),
		owners: ownersOf(values.owner),
		title: titleOf(values.title),
		motd: values.motd,
		limits: limitsOf(values),
	};
}

/** A certificate and its key come together; either asks for TLS, as `--tls` does. */
function tlsOf(values: {
	tls: boolean;
	"tls-cert": string | undefined;
	"tls-key": string | undefined;
}): ServerOptions["tls"] {
	const { "tls-cert": cert, "tls-key": key } = values;
	if (cert !== undefined && key !== undefined) return { cert, key };
	if (cert !== undefined || key !== undefined) {
		throw new UsageError("--tls-cert and --tls-key go together");
	}
	return values.tls ? "own" : null;
}

function ownersOf(list: string | undefined): ReadonlySet<string> {
	const owners = list?.split(",").map((text) => {
		const account = parseAccount(text.trim());
		if (account !== null) return account;
		throw new UsageError(`--owner must be ${emailField.expected}, or several with commas`);
	});
	return new Set(owners);
}

function titleOf(title: string | undefined): string | undefined {
	if (title === undefined || titleField.is(title)) return title;
	throw new UsageError(`--title must be ${titleField.expected}`);
}

const stateFolder = ({ XDG_STATE_HOME }: Environment): string =>
	join(XDG_STATE_HOME || join(homedir(), ".local", "state"), "fernet-chat");

function mailboxOf(flag: string, text: string): SmtpServer {
	const server = parseSmtpUrl(text);
	if (server) return server;
	throw new UsageError(`${flag} must be smtps://HOST[:PORT] or smtp://HOST[:PORT]`);
}

/** All ways that there are, or those listed. Throws UsageError for a code that nobody could mail. */
function chosenWays(list: string | undefined, hasMailer: boolean): readonly LoginMethod[] {
	const possible = LOGIN_METHODS.filter((method) => method !== "code" || hasMailer);
	if (list === undefined) return possible;
	const listed = list.split(",").map((text) => text.trim());
	if (!listed.every((text) => LOGIN_METHODS.some((method) => method === text))) {
		throw new UsageError(
			`--methods must be a list of ${LOGIN_METHODS.join(", ")}, with commas between`,
		);
	}
	if (listed.includes("code") && !hasMailer) throw new UsageError("--methods code wants --mailer");
	return possible.filter((method) => listed.includes(method));
}

/**
 * Without a list, codes let in anybody at gmail.com. Whoever has passwords checked by another mail
 * server wants the accounts there, and hardly all of Gmail beside them.
 */
function mustBeOneHouse(
	methods: readonly LoginMethod[],
	server: SmtpServer,
	allow: ServeOptions["allow"],
): void {
	if (!methods.includes("code") || !needsVerifier(methods) || isGmail(server)) return;
	if (allow.entries !== undefined || allow.file !== undefined) return;
	const sentence = `codes would let in anybody at gmail.com, who has no account at ${server.host}`;
	throw new UsageError(`${sentence}: say who may come in with --allow, or choose among --methods`);
}

function mailerOf(
	url: string,
	{ FERNET_CHAT_MAILER_USER: user, FERNET_CHAT_MAILER_PASSWORD: password }: Environment,
): CodeMailerOptions {
	const server = mailboxOf("--mailer", url);
	if (emailField.is(user) && passwordField.is(password)) return { server, user, password };
	const sentence = "--mailer wants the address and the password of the account that mails";
	throw new UsageError(`${sentence} in FERNET_CHAT_MAILER_USER and FERNET_CHAT_MAILER_PASSWORD`);
}

/** Who may come in. Throws UsageError for an entry that is none. */
function allowed(list: string | undefined, file: string | undefined): ServeOptions["allow"] {
	const entries = list?.split(",").map((text) => {
		const entry = parseAllowEntry(text.trim());
		if (entry !== null) return entry;
		throw new UsageError("--allow must be a list like somebody@gmail.com,@school.edu");
	});
	return {
		...(entries === undefined ? {} : { entries }),
		...(file === undefined ? {} : { file: nonEmpty("--allow-file", file) }),
	};
}

/** The limits as flags: `maxMembers` is `--max-members`. */
function limitFlags(): Record<string, LimitFlag> {
	const rows = Object.entries(LIMITS).map(([name, limit]): [string, LimitFlag] => {
		const help = `${limit.help}, ${limit.min} to ${limit.max}`;
		return [flagOf(name), { value: "N", default: String(limit.default), help }];
	});
	return Object.fromEntries(rows);
}

function limitsOf(values: Record<string, string | boolean | undefined>): Limits {
	const limits = Object.entries(LIMITS).map(([name, { min, max }]) => {
		const flag = flagOf(name);
		return [name, parseInteger(`--${flag}`, String(values[flag]), min, max)];
	});
	return Object.fromEntries(limits);
}

function flagOf(name: string): string {
	return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
