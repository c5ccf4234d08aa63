import type { ScreenSize } from "../terminal/layout.ts";
import type { Style } from "../terminal/style.ts";
import type { PendingMessage } from "./pending-messages.ts";

/** Shows a conversation to the user, who types into it. */
export interface Ui {
	/** Adds a line to the transcript; it may contain newlines. */
	print(line: string): void;
	/** How much the user sees at once. */
	readonly size: ScreenSize;
	ring(): void;
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

/** What a UI needs besides its streams and the conversation. */
export interface UiOptions {
	readonly style: Style;
	/** Whether the connection is there. */
	readonly isOnline: () => boolean;
	/** Called with each line that the user enters. */
	readonly submit: (line: string) => void;
	/** Called when the user wants to leave. */
	readonly leave: () => void;
}
