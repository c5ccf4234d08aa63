import type { OwnerMessage } from "../../wire/messages.ts";

export type Bell = "mention" | "all" | "off";
export const BELLS: readonly Bell[] = ["mention", "all", "off"];

export type Clock = "short" | "long" | "off";
export const CLOCKS: readonly Clock[] = ["short", "long", "off"];

/** What the commands can do; the room as the person at the keyboard has it. */
export interface Actions {
	who(): void;
	say(text: string, me: boolean): void;
	tell(name: string, text: string): void;
	/** Whoever told us something last, or null. */
	readonly replyTo: string | null;
	ignore(name: string): void;
	resend(): void;
	forget(): void;
	setBell(bell: Bell): void;
	setClock(clock: Clock): void;
	save(file: string): void;
	/** Whether the server has told us that we own the room. */
	readonly isOwner: boolean;
	/** Asks the server for what only an owner can do. */
	requestAsOwner(message: OwnerMessage): void;
	leave(): void;
	note(text: string): void;
	problem(text: string): void;
}

export interface Command {
	readonly name: string;
	/** What it takes, as the help shows it; in brackets what may be left out. */
	readonly usage: string;
	readonly help: string;
	/** `rest` is what follows the name, trimmed; never empty where `takes` says it is needed. */
	run(actions: Actions, rest: string): void;
}
