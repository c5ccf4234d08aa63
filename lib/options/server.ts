import { homedir } from "node:os";
import { join } from "node:path";
import {
	ADDRESS_POLICIES,
	type AddressPolicy,
	accountOf,
	entryOf,
} from "../server/auth/account.ts";
import { LIMITS, type Limits } from "../server/limits/limits.ts";
import { LOG_FORMATS, type LogFormat } from "../server/log/logger.ts";
import type { MailerOptions } from "../server/mail/code-mailer.ts";
import { GMAIL, isGmail, type Mailbox, parseMailbox } from "../server/mail/smtp-server.ts";
import type { ServeOptions } from "../server/server.ts";
import type { CertificateFiles } from "../server/tls/certificate.ts";
import { asksMailbox, WAYS, type Way } from "../wire/credentials.ts";
import { addressField, passwordField, titleField } from "../wire/messages.ts";
import {
	type Environment,
	type Flags,
	filled,
	HOST,
	type LimitFlag,
	oneOf,
	PORT,
	page,
	read,
	shared,
	UsageError,
	whole,
} from "./flags.ts";

export interface ServerOptions {
	host: string;
	port: number;
	keys: string;
	/** Connections over TLS, with the owner's certificate or with our own; null without. */
	tls: CertificateFiles | "own" | null;
	/** Path of the folder that outlives the server. */
	state: string;
	mailbox: Mailbox;
	allow: ServeOptions["allow"];
	ways: readonly Way[];
	mailer: MailerOptions | null;
	stay: boolean;
	addresses: AddressPolicy;
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
	smtp: { value: "URL", default: GMAIL, help: "who checks logins: smtps:// or smtp://HOST[:PORT]" },
	mailer: {
		value: "URL",
		help: "who mails sign-in codes, as in --smtp; with FERNET_CHAT_MAILER_USER and FERNET_CHAT_MAILER_PASSWORD",
	},
	ways: {
		value: "LIST",
		help: `how to sign in: ${WAYS.join()}, the last with --mailer (all that can be)`,
	},
	allow: { value: "LIST", help: "who may come in: addresses and @domains, with commas between" },
	"allow-file": { value: "FILE", help: "the same, one a line; read again when it changes" },
	stay: { help: "keep the room open when the last member has left" },
	addresses: {
		value: ADDRESS_POLICIES.join("|"),
		default: "masked",
		help: "what members see of each other's addresses",
	},
	log: { value: LOG_FORMATS.join("|"), default: "text", help: "how the log on stderr is written" },
	owner: { value: "ADDRESS[,ADDRESS…]", help: "whose accounts own the room" },
	title: { value: "TEXT", help: "what the room is called" },
	motd: { value: "FILE", help: "what everybody reads who comes in" },
	...limitFlags(),
	...shared,
} satisfies Flags;

export const serverHelp = page(
	"bun server.ts [flags]",
	"Opens a chat room for people with a Gmail address; it ends when the last one has left.",
	serverFlags,
);

/** Null asks for the help page. Throws UsageError. */
export function serverOptions(args: string[], environment: Environment): ServerOptions | null {
	const { values, words } = read(serverFlags, args, environment);
	if (values.help) return null;
	if (words[0] !== undefined) throw new UsageError(`"${words[0]}" is not expected`);
	const mailer = values.mailer === undefined ? null : mailerOf(values.mailer, environment);
	const ways = chosenWays(values.ways, mailer !== null);
	const mailbox = mailboxOf("--smtp", values.smtp);
	const allow = allowed(values.allow, values["allow-file"]);
	mustBeOneHouse(ways, mailbox, allow);
	return {
		host: filled("--host", values.host),
		port: whole("--port", values.port, 0, 65_535),
		keys: filled("--keys", values.keys),
		tls: tlsOf(values),
		state: filled("--state", values.state ?? stateFolder(environment)),
		mailbox,
		ways,
		mailer: ways.includes("code") ? mailer : null,
		allow,
		stay: values.stay,
		addresses: oneOf("--addresses", values.addresses, ADDRESS_POLICIES),
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
		const account = accountOf(text.trim());
		if (account !== null) return account;
		throw new UsageError(`--owner must be ${addressField.expected}, or several with commas`);
	});
	return new Set(owners);
}

function titleOf(title: string | undefined): string | undefined {
	if (title === undefined || titleField.is(title)) return title;
	throw new UsageError(`--title must be ${titleField.expected}`);
}

const stateFolder = ({ XDG_STATE_HOME }: Environment): string =>
	join(XDG_STATE_HOME || join(homedir(), ".local", "state"), "fernet-chat");

function mailboxOf(flag: string, text: string): Mailbox {
	const mailbox = parseMailbox(text);
	if (mailbox) return mailbox;
	throw new UsageError(`${flag} must be smtps://HOST[:PORT] or smtp://HOST[:PORT]`);
}

/** All ways that there are, or those listed. Throws UsageError for a code that nobody could mail. */
function chosenWays(list: string | undefined, hasMailer: boolean): readonly Way[] {
	const possible = WAYS.filter((way) => way !== "code" || hasMailer);
	if (list === undefined) return possible;
	const listed = list.split(",").map((text) => text.trim());
	if (!listed.every((text) => WAYS.some((way) => way === text))) {
		throw new UsageError(`--ways must be a list of ${WAYS.join(", ")}, with commas between`);
	}
	if (listed.includes("code") && !hasMailer) throw new UsageError("--ways code wants --mailer");
	return possible.filter((way) => listed.includes(way));
}

/**
 * Without a list, codes let in anybody at gmail.com. Whoever has passwords checked by another mail
 * server wants the accounts there, and hardly all of Gmail beside them.
 */
function mustBeOneHouse(
	ways: readonly Way[],
	mailbox: Mailbox,
	allow: ServeOptions["allow"],
): void {
	if (!ways.includes("code") || !asksMailbox(ways) || isGmail(mailbox)) return;
	if (allow.entries !== undefined || allow.file !== undefined) return;
	const sentence = `codes would let in anybody at gmail.com, who has no account at ${mailbox.host}`;
	throw new UsageError(`${sentence}: say who may come in with --allow, or choose among --ways`);
}

function mailerOf(
	url: string,
	{ FERNET_CHAT_MAILER_USER: user, FERNET_CHAT_MAILER_PASSWORD: password }: Environment,
): MailerOptions {
	const mailbox = mailboxOf("--mailer", url);
	if (addressField.is(user) && passwordField.is(password)) return { mailbox, user, password };
	const sentence = "--mailer wants the address and the password of the account that mails";
	throw new UsageError(`${sentence} in FERNET_CHAT_MAILER_USER and FERNET_CHAT_MAILER_PASSWORD`);
}

/** Who may come in. Throws UsageError for an entry that is none. */
function allowed(list: string | undefined, file: string | undefined): ServeOptions["allow"] {
	const entries = list?.split(",").map((text) => {
		const entry = entryOf(text.trim());
		if (entry !== null) return entry;
		throw new UsageError("--allow must be a list like somebody@gmail.com,@school.edu");
	});
	return {
		...(entries === undefined ? {} : { entries }),
		...(file === undefined ? {} : { file: filled("--allow-file", file) }),
	};
}

/** The limits as flags: `maxMembers` is `--max-members`. */
function limitFlags(): Record<string, LimitFlag> {
	const rows = Object.entries(LIMITS).map(([name, limit]): [string, LimitFlag] => {
		const help = `${limit.help}, ${limit.least} to ${limit.most}`;
		return [flagOf(name), { value: "N", default: String(limit.default), help }];
	});
	return Object.fromEntries(rows);
}

function limitsOf(values: Record<string, string | boolean | undefined>): Limits {
	const limits = Object.entries(LIMITS).map(([name, { least, most }]) => {
		const flag = flagOf(name);
		return [name, whole(`--${flag}`, String(values[flag]), least, most)];
	});
	return Object.fromEntries(limits);
}

function flagOf(name: string): string {
	return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
