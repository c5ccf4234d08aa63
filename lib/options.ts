import { join } from "node:path";
import { parseArgs } from "node:util";
import { BELLS } from "./client/commands.ts";
import type { Credentials } from "./client/enter.ts";
import type { RunOptions } from "./client/run.ts";
import type { Known } from "./client/signin.ts";
import { ADDRESS_POLICIES, type AddressPolicy } from "./server/account.ts";
import { entryOf } from "./server/allow.ts";
import { LIMITS, type Limits } from "./server/limits.ts";
import { GMAIL, type Mailbox, parseMailbox } from "./server/mailbox.ts";
import type { MailerOptions } from "./server/mailer.ts";
import type { ServeOptions } from "./server/serve.ts";
import { ChatError } from "./wire/errors.ts";
import { accessField, addressField, nameField, passwordField } from "./wire/messages.ts";
import type { Place } from "./wire/place.ts";
import { WAYS, type Way } from "./wire/proof.ts";

/** A flag or variable that cannot be meant; the message names it. */
export class UsageError extends ChatError {
	constructor(message: string) {
		super("usage", message);
	}
}

export interface ServerOptions {
	host: string;
	port: number;
	keys: string;
	mailbox: Mailbox;
	allow: ServeOptions["allow"];
	ways: readonly Way[];
	mailer: MailerOptions | null;
	stay: boolean;
	addresses: AddressPolicy;
	limits: Limits;
}

interface Flag {
	/** What stands for the value in the help; a flag without one is a switch. */
	value?: string;
	default?: string;
	help: string;
	/** On the command line alone: the variable of its name holds something else. */
	hasNoVariable?: true;
}
type Flags = Record<string, Flag>;
type LimitFlag = Required<Pick<Flag, "value" | "default" | "help">>;
type Environment = Record<string, string | undefined>;
type Values<F extends Flags> = {
	[K in keyof F]: F[K] extends { default: string }
		? string
		: F[K] extends { value: string }
			? string | undefined
			: boolean;
};

const HOST = "127.0.0.1";
const PORT = "5050";

const shared = {
	keys: {
		value: "DIR",
		default: join(import.meta.dir, "..", "keys"),
		help: "the folder that both sides keep session keys in",
	},
	help: { help: "this page" },
} satisfies Flags;

const serverFlags = {
	host: { value: "ADDRESS", default: HOST, help: "the address to listen on" },
	port: { value: "N", default: PORT, help: "the port to listen on; 0 takes a free one" },
	smtp: { value: "URL", default: GMAIL, help: "who checks logins: smtps:// or smtp://HOST[:PORT]" },
	mailer: { value: "URL", help: "who mails sign-in codes: smtps:// or smtp://HOST[:PORT]" },
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
	...limitFlags(),
	...shared,
} satisfies Flags;

const clientFlags = {
	name: { value: "NAME", help: "your name in the room" },
	email: { value: "ADDRESS", help: "your Gmail address" },
	token: { help: "log in with the OAuth 2 access token in FERNET_CHAT_TOKEN", hasNoVariable: true },
	bell: { value: BELLS.join("|"), default: "mention", help: "when the terminal rings" },
	plain: { help: "lines in, lines out, no colour and no control sequence ever" },
	json: { help: "for bots: a JSON object a line, no prompts, password in FERNET_CHAT_PASSWORD" },
	...shared,
} satisfies Flags;

export const serverHelp = page(
	"bun server.ts [flags]",
	"Opens a chat room for people with a Gmail address; it ends when the last one has left.",
	serverFlags,
);

export const clientHelp = page(
	"bun client.ts [HOST[:PORT]] [flags]",
	`Joins the room at HOST:PORT (${HOST}:${PORT}).

Exit codes: 0 left or room ended, 1 wrong use, 2 login denied, 3 server unreachable or lost,
4 a fault of the program itself.`,
	clientFlags,
);

/** Null asks for the help page. Throws UsageError. */
export function serverOptions(args: string[], environment: Environment): ServerOptions | null {
	const { values, words } = read(serverFlags, args, environment);
	if (values.help) return null;
	if (words[0] !== undefined) throw new UsageError(`"${words[0]}" is not expected`);
	const mailer = values.mailer === undefined ? null : mailerOf(values.mailer, environment);
	const ways = waysOf(values.ways, mailer !== null);
	return {
		host: filled("--host", values.host),
		port: whole("--port", values.port, 0, 65_535),
		keys: filled("--keys", values.keys),
		mailbox: mailboxOf("--smtp", values.smtp),
		ways,
		mailer: ways.includes("code") ? mailer : null,
		allow: allowed(values.allow, values["allow-file"]),
		stay: values.stay,
		addresses: oneOf("--addresses", values.addresses, ADDRESS_POLICIES),
		limits: limitsOf(values),
	};
}

/**
 * Null asks for the help page. `canAsk`: a person types here; `canDraw`: and sees a terminal. Throws
 * UsageError.
 */
export function clientOptions(
	args: string[],
	environment: Environment,
	{ canAsk, canDraw }: { canAsk: boolean; canDraw: boolean },
): RunOptions | null {
	const { values, words } = read(clientFlags, args, environment);
	if (values.help) return null;
	if (words[1] !== undefined) throw new UsageError(`"${words[1]}" is not expected`);
	const { keys, name, email } = values;
	if (name !== undefined && !nameField.is(name)) {
		throw new UsageError(`--name must be ${nameField.expected}`);
	}
	if (email !== undefined && !addressField.is(email)) {
		throw new UsageError(`--email must be ${addressField.expected}`);
	}
	const credentials = unasked({ name, email }, values.token, environment);
	if (!credentials && (values.json || !canAsk)) {
		const sentence = "to log in unasked: --name, --email and FERNET_CHAT_PASSWORD";
		throw new UsageError(`${sentence}, or --token and FERNET_CHAT_TOKEN`);
	}
	return {
		address: address(words[0] ?? HOST),
		keys: filled("--keys", keys),
		known: { name, email },
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
	{ name, email }: Known,
	byToken: boolean,
	{ FERNET_CHAT_PASSWORD: password, FERNET_CHAT_TOKEN: token }: Environment,
): Credentials | null {
	const who = name === undefined || email === undefined ? null : { name, email };
	if (!byToken) return who && password ? { ...who, password } : null;
	if (who && accessField.is(token)) return { ...who, token };
	const sentence = `--token wants --name, --email and, in FERNET_CHAT_TOKEN, ${accessField.expected}`;
	throw new UsageError(sentence);
}

function mailboxOf(flag: string, text: string): Mailbox {
	const mailbox = parseMailbox(text);
	if (mailbox) return mailbox;
	throw new UsageError(`${flag} must be smtps://HOST[:PORT] or smtp://HOST[:PORT]`);
}

/** All ways that there are, or those listed. Throws UsageError for a code that nobody could mail. */
function waysOf(list: string | undefined, hasMailer: boolean): readonly Way[] {
	const possible = WAYS.filter((way) => way !== "code" || hasMailer);
	if (list === undefined) return possible;
	const listed = list.split(",").map((text) => oneOf("--ways", text.trim(), WAYS));
	if (listed.includes("code") && !hasMailer) throw new UsageError("--ways code wants --mailer");
	return possible.filter((way) => listed.includes(way));
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

/** HOST, HOST:PORT, [IPV6] or [IPV6]:PORT. */
function address(text: string): Place {
	const [, bracketed, plain, port = PORT] =
		/^(?:\[([\da-fA-F:.]+)\]|([^\s:[\]]+))(?::(\d+))?$/.exec(text) ?? [];
	const host = bracketed ?? plain;
	if (host === undefined) throw new UsageError(`"${text}" is not HOST or HOST:PORT`);
	return { host, port: whole("the port", port, 1, 65_535) };
}

function whole(name: string, text: string, least: number, most: number): number {
	const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
	if (number >= least && number <= most) return number;
	throw new UsageError(`${name} must be a whole number from ${least} to ${most}`);
}

function filled(name: string, text: string): string {
	if (text === "") throw new UsageError(`${name} must not be empty`);
	return text;
}

function oneOf<T extends string>(name: string, text: string, choices: readonly T[]): T {
	const choice = choices.find((each) => each === text);
	if (choice === undefined) throw new UsageError(`${name} must be one of ${choices.join(", ")}`);
	return choice;
}

/** Flags before the environment before defaults. */
function read<F extends Flags>(
	flags: F,
	args: string[],
	environment: Environment,
): { values: Values<F>; words: string[] } {
	const parsed = parse(flags, args);
	const values: Record<string, string | boolean | undefined> = {};
	for (const [name, flag] of Object.entries<Flag>(flags)) {
		// An empty variable is one that is not set.
		const variable = flag.hasNoVariable ? undefined : environment[variableOf(name)];
		const given = parsed.values[name] ?? (variable || undefined);
		values[name] = flag.value === undefined ? on(name, given) : (given ?? flag.default);
	}
	return { values: values as Values<F>, words: parsed.positionals };
}

function parse(flags: Flags, args: string[]) {
	const options = Object.fromEntries(
		Object.entries(flags).map(([name, { value }]) => [
			name,
			{ type: value === undefined ? ("boolean" as const) : ("string" as const) },
		]),
	);
	try {
		return parseArgs({ args, options, allowPositionals: true, strict: true });
	} catch (cause) {
		const [sentence = ""] = (cause instanceof Error ? cause.message : String(cause)).split(". ");
		throw new UsageError(sentence);
	}
}

const variableOf = (flag: string): string =>
	`FERNET_CHAT_${flag.toUpperCase().replaceAll("-", "_")}`;

function on(name: string, given: string | boolean | undefined): boolean {
	if (given === undefined || typeof given === "boolean") return given ?? false;
	if (given === "1" || given === "true") return true;
	if (given === "0" || given === "false" || given === "") return false;
	throw new UsageError(`${variableOf(name)} must be 1 or 0`);
}

function page(usage: string, about: string, flags: Flags): string {
	const rows = Object.entries(flags).map(([name, flag]): [string, string] => [
		flag.value === undefined ? `--${name}` : `--${name} ${flag.value}`,
		flag.default === undefined ? flag.help : `${flag.help} (${flag.default})`,
	]);
	const width = Math.max(...rows.map(([left]) => left.length));
	const table = rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
	return `${about}

Usage: ${usage}

${table.join("\n")}

Each flag may come from the environment instead: FERNET_CHAT_KEYS for --keys, and so on.`;
}
