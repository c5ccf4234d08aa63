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

/** Whom a command's text goes to: whoever it names, or whoever wrote to us last. */
export type Audience = "everybody" | "target" | "sender";

export interface CommandArguments {
	/** Whom it is about, without the `@` that may stand before a name; "" where nobody is named. */
	readonly target: string;
	/** What follows, trimmed. */
	readonly text: string;
}

export interface Command {
	readonly name: string;
	/** Whom it is about, as the help shows it, in brackets where it may be left out. */
	readonly target?: string;
	/** What follows that, likewise. */
	readonly text?: string;
	/** Absent where nothing is said to anybody. */
	readonly audience?: Audience;
	readonly help: string;
	/** What the command needs is never empty. */
	run(actions: Actions, given: CommandArguments): void;
}
