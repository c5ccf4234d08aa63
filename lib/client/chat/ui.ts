import type { Style } from "../terminal/style.ts";
import type { PendingMessage } from "./pending-messages.ts";

/** Where a conversation is seen and typed. */
export interface Ui {
	/** Adds to the transcript. */
	print(line: string): void;
	ring(): void;
	/** Something said will not be echoed, it seems. */
	failed(entry: PendingMessage): void;
	/** What is on its way, or who is here, has changed. */
	changed(): void;
	/** Resolves when what was printed has been taken. */
	ready(): Promise<void>;
	/** Gives the screen back as it was. Calling it again does nothing. */
	close(): void;
}

/** What opens one is given beside the conversation. */
export interface UiOptions {
	readonly style: Style;
	/** Gets each line that the person has typed. */
	readonly submit: (line: string) => void;
	/** The person wants to go. */
	readonly leave: () => void;
}
