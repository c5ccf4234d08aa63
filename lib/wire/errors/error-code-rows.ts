// What a row of the table of error codes holds, and the kinds of rows that there are.

/**
 * Where a code appears: in a clear line, in one of three messages, in what a client finds itself, or
 * where a program cannot start.
 */
export type SaidIn = "clear" | "denied" | "refused" | "closing" | "client" | "start";

export type NextStep =
	/** The connection goes on; only this request failed. */
	| "go_on"
	/** The user must correct something in the login first. */
	| "correct"
	/** The same attempt may succeed later. */
	| "wait"
	/** The room keeps the member's place: come back with the resume token. */
	| "resume"
	/** The server is restarting or gone: try for a while to come back with the resume token. */
	| "retry"
	/** The room has given the place up: log in again. */
	| "log_in"
	/** The visit has ended as it should. */
	| "end"
	/** The room rejects this account: stay away. */
	| "stay_away"
	/**
	 * One of the two programs is at fault, or this is not the right server. A member whose connection
	 * ends so still tries to come back on a new one, as long as it trusts the server.
	 */
	| "give_up";

export interface Row {
	readonly saidIn: readonly SaidIn[];
	readonly next: NextStep;
	/** What a person reads, in whole sentences; a function if it depends on what happened. */
	readonly text: string | ((...details: never[]) => string);
}

export const row = <const S extends readonly SaidIn[], T extends Row["text"]>(
	next: NextStep,
	saidIn: S,
	text: T,
) => ({ saidIn, next, text });

/** Before there is a key, every error is in clear. */
export const inClear = <T extends Row["text"]>(text: T) => row("give_up", ["clear"], text);
/** The server ends the connection; a client that finds the same does so too. */
export const breach = <T extends Row["text"]>(text: T) =>
	row("give_up", ["closing", "client"], text);
export const denied = <T extends Row["text"]>(next: NextStep, text: T) =>
	row(next, ["denied"], text);
export const refused = <T extends Row["text"]>(text: T) => row("go_on", ["refused"], text);
export const closing = <T extends Row["text"]>(next: NextStep, text: T) =>
	row(next, ["closing"], text);
/** A fault that only a client can detect. */
export const found = <T extends Row["text"]>(next: NextStep, text: T) =>
	row(next, ["client"], text);
/** A program cannot start: it prints the text and exits with code 1. */
export const atStart = <T extends Row["text"]>(text: T) => row("correct", ["start"], text);

/** For codes whose sentence only the place that detects the fault can write. */
export const asSaid = (text: string): string => text;
