/** Somebody whose account Gmail has vouched for. */
export interface VerifiedUser {
	name: string;
	account: string;
}
/**
 * Who somebody is, as far as it is known: before Gmail has vouched for them, the account they claim.
 * Not the name, which may be a password typed into the wrong line.
 */
export type KnownUser = VerifiedUser | { claimed?: string };

/**
 * All that the owner is told. No kind has a place for what was said, for a password, a key or a
 * token. `code` a word for programs, `text` a sentence of ours.
 */
export type LogEntry =
	| { event: "started"; text: string }
	| { event: "stopping"; code: string; text: string }
	| ({ event: "joined" | "back"; ip: string } & VerifiedUser)
	| ({ event: "offline"; ip: string; code: string } & VerifiedUser)
	| ({ event: "away" } & VerifiedUser)
	| ({ event: "left"; ip?: string | undefined; code: string } & VerifiedUser)
	| ({ event: "owner_command"; code: string; text: string | undefined } & VerifiedUser)
	| { event: "code_requested"; claimed: string; ip: string; code: string }
	| ({
			event: "refused" | "dropped";
			ip: string | undefined;
			code: string;
			text: string;
	  } & KnownUser)
	| { event: "certificate" | "warning" | "error"; text: string }
	| { event: "omitted"; count: number; of: LogEntry["event"] };

export type LogFormat = "text" | "json";
export const LOG_FORMATS: readonly LogFormat[] = ["text", "json"];

/** Takes a line without its newline; false when it cannot. */
export type WriteLine = (line: string) => boolean;

/** Entries of one kind between two ticks: what a stranger can cause must not fill the owner's disk. */
const MAX_OF_STRANGERS = 5;
/** The same of verified accounts: a large room may come and go at once. */
const MAX_OF_MEMBERS = 1000;
/** Characters of one field. */
const MAX_FIELD_CHARS = 1000;

/** The owner's log: a line for each thing that happens, as long as the sink takes it. */
export class Logger {
	readonly #format: (entry: LogEntry, at: number) => string;
	readonly #sink: WriteLine;
	readonly #now: () => number;
	/** Entries since the last tick, by kind. */
	readonly #written = new Map<LogEntry["event"], number>();
	/** Entries that are not in the log, and of which it does not say so yet. */
	readonly #omitted = new Map<LogEntry["event"], number>();

	/** `now` in milliseconds since 1970. */
	constructor(format: LogFormat, sink: WriteLine, now: () => number) {
		this.#format = format === "json" ? asJson : asText;
		this.#sink = sink;
		this.#now = now;
	}

	log(entry: LogEntry): void {
		const { event } = entry;
		const written = this.#written.get(event) ?? 0;
		const most = "account" in entry ? MAX_OF_MEMBERS : MAX_OF_STRANGERS;
		if (written < most && this.#write(entry)) this.#written.set(event, written + 1);
		else this.#omitted.set(event, (this.#omitted.get(event) ?? 0) + 1);
	}

	/** Call now and then, and at the end: says how much was left out, and begins to count anew. */
	tick(): void {
		this.#written.clear();
		for (const [of, count] of this.#omitted) {
			if (this.#write({ event: "omitted", count, of })) this.#omitted.delete(of);
		}
	}

	#write(entry: LogEntry): boolean {
		return this.#sink(this.#format(entry, this.#now()));
	}
}

/** What fields an entry may have. */
type Fields = { count?: number } & {
	[K in "name" | "account" | "claimed" | "ip" | "of" | "code" | "text"]?: string | undefined;
};

function asText(entry: LogEntry, at: number): string {
	const { name, account, claimed, ip, count, of, code, text }: Fields = entry;
	const line = [new Date(at).toISOString(), entry.event];
	if (name !== undefined) line.push(asWord(name));
	if (account !== undefined) line.push(asWord(account));
	if (claimed !== undefined) line.push("claiming", asWord(claimed));
	if (ip !== undefined) line.push("from", asWord(ip));
	if (count !== undefined) line.push(`${count}`);
	if (of !== undefined) line.push(of);
	if (code !== undefined) line.push(asWord(code));
	return text === undefined
		? line.join(" ")
		: `${line.join(" ")}: ${escapeInvisible(truncate(text))}`;
}

function asJson(entry: LogEntry, at: number): string {
	const line = JSON.stringify({ at, ...entry }, (_, value) =>
		typeof value === "string" ? truncate(value) : value,
	);
	return escapeInvisible(line);
}

const truncate = (text: string): string => text.slice(0, MAX_FIELD_CHARS);

/** A field that is one word stays one, whatever is in it: none can pass for another. */
const asWord = (text: string): string => truncate(text).replace(/[^!-~]/g, escaped);

/** What a terminal could obey, or the eye not see, as JSON spells it: the line stays JSON too. */
const escapeInvisible = (text: string): string => text.replace(/(?! )[\p{C}\p{Z}]/gu, escaped);

function escaped(found: string): string {
	const units = Array.from({ length: found.length }, (_, i) => found.charCodeAt(i));
	return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
}
