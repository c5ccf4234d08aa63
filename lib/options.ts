import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Address } from "./client/connect.ts";
import type { Credentials, Known } from "./client/login.ts";
import { LIMITS, type Limits } from "./server/limits.ts";
import { GMAIL, type Mailbox, parseMailbox } from "./server/mailbox.ts";
import { ChatError } from "./wire/errors.ts";
import { addressField, nameField } from "./wire/messages.ts";

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
	stay: boolean;
	limits: Limits;
}

export interface ClientOptions {
	address: Address;
	keys: string;
	known: Known;
	/** With --json: who to log in as, without a prompt. */
	bot: Credentials | null;
}

interface Flag {
	/** What stands for the value in the help; a flag without one is a switch. */
	value?: string;
	default?: string;
	help: string;
}
type Flags = Record<string, Flag>;
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
const MOST_MEMBERS = 10_000;

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
	stay: { help: "keep the room open when the last member has left" },
	"max-members": {
		value: "N",
		default: String(LIMITS.members),
		help: `members at once, 1 to ${MOST_MEMBERS}`,
	},
	...shared,
} satisfies Flags;

const clientFlags = {
	name: { value: "NAME", help: "your name in the room" },
	email: { value: "ADDRESS", help: "your Gmail address" },
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

Exit codes: 0 left or room ended, 1 wrong use, 2 login denied, 3 server unreachable or lost.`,
	clientFlags,
);

/** Null asks for the help page. Throws UsageError. */
export function serverOptions(args: string[], environment: Environment): ServerOptions | null {
	const { values, words } = read(serverFlags, args, environment);
	if (values.help) return null;
	if (words[0] !== undefined) throw new UsageError(`"${words[0]}" is not expected`);
	const mailbox = parseMailbox(values.smtp);
	if (!mailbox) throw new UsageError("--smtp must be smtps://HOST[:PORT] or smtp://HOST[:PORT]");
	const members = whole("--max-members", values["max-members"], 1, MOST_MEMBERS);
	return {
		host: values.host,
		port: whole("--port", values.port, 0, 65_535),
		keys: values.keys,
		mailbox,
		stay: values.stay,
		limits: { ...LIMITS, members },
	};
}

/** Null asks for the help page. Throws UsageError. */
export function clientOptions(args: string[], environment: Environment): ClientOptions | null {
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
	const known = { name, email };
	const bot = values.json ? credentials(known, environment.FERNET_CHAT_PASSWORD) : null;
	return { address: address(words[0] ?? HOST), keys, known, bot };
}

/** The password comes from the environment alone: a flag would show it to the whole machine. */
function credentials({ name, email }: Known, password = ""): Credentials {
	if (name !== undefined && email !== undefined && password !== "") {
		return { name, email, password };
	}
	throw new UsageError("--json needs --name, --email and FERNET_CHAT_PASSWORD");
}

/** HOST, HOST:PORT, [IPV6] or [IPV6]:PORT. */
function address(text: string): Address {
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

/** Flags before the environment before defaults. */
function read<F extends Flags>(
	flags: F,
	args: string[],
	environment: Environment,
): { values: Values<F>; words: string[] } {
	const parsed = parse(flags, args);
	const values: Record<string, string | boolean | undefined> = {};
	for (const [name, flag] of Object.entries<Flag>(flags)) {
		const given = parsed.values[name] ?? environment[variable(name)];
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

const variable = (flag: string): string => `FERNET_CHAT_${flag.toUpperCase().replaceAll("-", "_")}`;

function on(name: string, given: string | boolean | undefined): boolean {
	if (given === undefined || typeof given === "boolean") return given ?? false;
	if (given === "1" || given === "true") return true;
	if (given === "0" || given === "false" || given === "") return false;
	throw new UsageError(`${variable(name)} must be 1 or 0`);
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
