import type { OwnerMessage } from "../../wire/messages/messages.ts";

export type Bell = "mention" | "all" | "off";
export const BELLS: readonly Bell[] = ["mention", "all", "off"];

export type Clock = "short" | "long" | "off";
export const CLOCKS: readonly Clock[] = ["short", "long", "off"];

/** A request as an owner types it: without the visit of the member that it is about. */
export type OwnerRequest = WithoutVisit<OwnerMessage>;
type WithoutVisit<T> = T extends OwnerMessage ? Omit<T, "visit"> : never;

/** What commands can do in the room and on the user's screen. */
export interface Actions {
	who(): void;
	/** Shows what the roster has of one member. */
	whois(name: string): void;
	say(text: string, me: boolean): void;
	tell(name: string, text: string): void;
	/** Sends a private message to the member who last sent us one. */
	reply(text: string): void;
	/** Shows the next screenful of the latest message that was too long. */
	more(): void;
	ignore(name: string): void;
	resend(): void;
	forget(): void;
	setBell(bell: Bell): void;
	setClock(clock: Clock): void;
	save(file: string): void;
	/** Clears the screen. */
	clear(): void;
	/** Our own name in the room. */
	readonly name: string;
	/** What keys do on this UI, as lines of the help. */
	readonly keyHelp: readonly string[];
	/** Whether the server has told us that we are an owner of the room. */
	readonly isOwner: boolean;
	/** Sends the server a request that only an owner of the room may make. */
	requestAsOwner(request: OwnerRequest): void;
	/** Lists the devices on which the user is remembered. */
	devices(): void;
	/** Signs out this device, or all of the user's. */
	signOut(all: boolean): void;
	leave(): void;
	note(text: string): void;
	problem(text: string): void;
	/** Says why the line that is being run did nothing, and lets the user correct it. */
	giveBack(problem: string): void;
}

/** The recipient of a command's text: everybody, the member it names, or the sender we reply to. */
export type Audience = "everybody" | "target" | "sender";

export interface CommandArguments {
	/** The member that the command is about, without a leading `@`; "" if it names nobody. */
	readonly target: string;
	/** What follows the target, trimmed. */
	readonly text: string;
}

export interface Command {
	readonly name: string;
	/** Other names of the command, such as those it has elsewhere. */
	readonly aliases?: readonly string[];
	/** Placeholder for whom the command is about, as the help shows it; in brackets if optional. */
	readonly target?: string;
	/** Placeholder for the text that follows, likewise. */
	readonly text?: string;
	/** Absent if the command says nothing to anybody. */
	readonly audience?: Audience;
	readonly help: string;
	/** Arguments that are not optional are never empty. */
	run(actions: Actions, given: CommandArguments): void;
}
