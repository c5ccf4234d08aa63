import type { Welcome } from "../../wire/messages/messages.ts";
import type { VisitPlace } from "../net/resume.ts";
import type { Question } from "../terminal/confirmation.ts";
import type { TranscriptItem } from "../transcript/transcript-item.ts";
import type { PendingMessage, UnsentMessage } from "./pending-messages.ts";
import type { KeptRecipients } from "./recipients.ts";
import type { Recipient } from "./visits.ts";

/** Shows a conversation to the user, who types into it. */
export interface Ui {
	/** What keys do here, as lines of the help. */
	readonly keyHelp: readonly string[];
	/** Calls the user, who may look elsewhere, because of something that others said. */
	ring(item: TranscriptItem): void;
	/** Clears the screen, if that can be. */
	clear(): void;
	/** Asks the user; where nobody can answer, as a bot cannot, that is a yes. */
	ask(question: Question): void;
	/** Takes back this question, unless it has been answered: that is a no. */
	withdraw(question: Question): void;
	/** Puts a line that was not sent back where it was typed, if that can be. */
	giveBack(line: string): void;
	/** Shows that a message failed. */
	failed(entry: PendingMessage): void;
	/**
	 * Shows what has become of the pending messages. Called regularly while there are any, because
	 * what is shown of them changes with time.
	 */
	changed(): void;
	/**
	 * Shows `notice`, and when the user presses Enter, runs `page` on the UI's streams. What is being
	 * typed is not sent: it is there again after the page.
	 */
	giveWay<T>(notice: string, page: () => Promise<T>): Promise<T>;
	/** Resolves when the output has caught up with what was printed. */
	ready(): Promise<void>;
	/** Closes the UI and restores the terminal. Calling it again does nothing. */
	close(): void;
}

/** A visit as another process can go on with it. */
export interface KeptVisit {
	/** As if the visit began now. */
	readonly welcome: Welcome;
	readonly place: VisitPlace;
	/** What the room has not echoed. */
	readonly unsent: readonly UnsentMessage[];
	readonly recipients: KeptRecipients;
}

/** What every UI needs besides the conversation. */
export interface UiOptions {
	/** Whether the connection is there. */
	readonly isOnline: () => boolean;
	/**
	 * Called with each line that the user enters. `about`: the member whom its command names, if the
	 * user chose one who was shown, and whoever has the name now may be another.
	 */
	readonly submit: (line: string, about?: Recipient) => void;
	/** Has the conversation's `visits` learn who is here, with addresses; prints nothing. */
	readonly refreshVisits: () => void;
	/** Called when the user wants to leave. */
	readonly leave: () => void;
	/** Where the visit stands now. */
	readonly visit: () => KeptVisit;
	/** Called when this process goes away, and another may go on with the visit. */
	readonly part: () => void;
}
