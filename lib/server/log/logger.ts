import type { Clocks } from "../../util/clock.ts";
import { LogBudget } from "./log-budget.ts";

/** A user who has proved an account. */
export interface VerifiedUser {
	name: string;
	account: string;
}
/**
 * What we know about a user: before they prove an account, only the account that they claim. Never
 * the name, which may be a password typed into the wrong line.
 */
export type KnownUser = VerifiedUser | { claimed?: string };

/**
 * Everything that the operator's log can say. No entry has a field for what was said, nor for a
 * password, a key or a token. `code` is a word for programs. `text` is a sentence of ours, except in
 * `owner_command`: there it is the person that the command is about.
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

/** Takes a line without its newline; returns false if it cannot. */
type WriteLine = (line: string) => boolean;

/** Characters that one field may have. */
const MAX_FIELD_CHARS = 1000;

/**
 * Writes the operator's log, one line for each entry, and counts the entries that it leaves out.
 * Written by hand: what anyone causes is bounded, and a reader that stalls holds nobody up.
 */
export class Logger {
	readonly #format: (entry: LogEntry, at: number) => string;
	readonly #sink: WriteLine;
	readonly #clocks: Clocks;
	readonly #budget = new LogBudget();
	/** The number of entries left out and not reported yet, by kind. */
	readonly #omitted = new Map<LogEntry["event"], number>();

	constructor(format: LogFormat, sink: WriteLine, clocks: Clocks) {
		this.#format = format === "json" ? asJson : asText;
		this.#sink = sink;
		this.#clocks = clocks;
	}

	/** Entries were left out and not reported yet. */
	get isIncomplete(): boolean {
		return this.#omitted.size > 0;
	}

	log(entry: LogEntry): void {
		this.tick();
		const line = this.#line(entry);
		const bytes = Buffer.byteLength(line) + 1;
		if (this.#budget.allows(entry, bytes) && this.#sink(line)) this.#budget.spend(entry, bytes);
		else this.#omitted.set(entry.event, (this.#omitted.get(entry.event) ?? 0) + 1);
	}

	/** Call regularly: in each new hour, reports how many entries are missing, and counts anew. */
	tick(): void {
		if (this.#budget.renew(this.#clocks.now())) this.reportOmitted();
	}

	/** Call at the end, too. */
	reportOmitted(): void {
		for (const [of, count] of this.#omitted) {
			if (this.#sink(this.#line({ event: "omitted", count, of }))) this.#omitted.delete(of);
		}
	}

	#line(entry: LogEntry): string {
		return this.#format(entry, this.#clocks.wallNow());
	}
}

/** Every field that an entry may have. */
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

/** Keeps a field one word, whatever it holds, so that no field can pass for another. */
const asWord = (text: string): string => truncate(text).replace(/[^!-~]/g, escaped);

/** Escapes what a terminal could obey or the eye cannot see, as JSON would: JSON stays JSON. */
const escapeInvisible = (text: string): string => text.replace(/(?! )[\p{C}\p{Z}]/gu, escaped);

function escaped(found: string): string {
	const units = Array.from({ length: found.length }, (_, i) => found.charCodeAt(i));
	return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
}
