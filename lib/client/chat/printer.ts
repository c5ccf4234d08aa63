import type { Clock } from "../commands/command.ts";
import type { TranscriptItem } from "../transcript/transcript-item.ts";

/** Shows the transcript, and keeps it. */
export interface Printer {
	/** How the times of what is printed next are shown. */
	clock: Clock;
	/** Prints what is ours, whole. */
	print(item: TranscriptItem): void;
	/** Prints what others wrote: as much as the user can see at once, the rest on request. */
	printPage(item: TranscriptItem): void;
	/** Prints more of the latest text that was too long. False if there is none. */
	printNextPage(): boolean;
	/** Saves what was printed as a file with a name that the user typed; returns what to say about it. */
	save(typed: string): TranscriptItem;
}
