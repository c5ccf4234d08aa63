import type { Printer } from "../../client/chat/printer.ts";
import type { Clock } from "../../client/commands/command.ts";
import type { Mentions } from "../../client/transcript/mentions.ts";
import type { TranscriptItem } from "../../client/transcript/transcript-item.ts";
import { count } from "../../client/util/count.ts";
import { Queue } from "../../util/queue.ts";
import { byId, create } from "../elements.ts";
import { RowMaker, timeOf } from "./transcript-row.ts";
import { TranscriptView } from "./transcript-view.ts";

/** Items that a reload keeps. */
const MAX_ITEMS = 200;
/** Milliseconds within which lines of one person belong together. */
const GROUP_TIME = 5 * 60_000;

/** Shows what happens as rows of the page. */
export class PagePrinter implements Printer {
	readonly view = new TranscriptView(
		byId("transcript", HTMLElement),
		byId("room-new", HTMLElement),
	);
	readonly #rows: RowMaker;
	readonly #items = new Queue<TranscriptItem>();
	#last: TranscriptItem | undefined;
	#day = "";

	/** `items` are those of the page before it was reloaded. */
	constructor(mentions: Mentions, items: readonly TranscriptItem[]) {
		this.#rows = new RowMaker(mentions);
		for (const item of items) this.print(item);
	}

	/** The latest part of the transcript. */
	get items(): readonly TranscriptItem[] {
		return [...this.#items];
	}

	get clock(): Clock {
		return this.#rows.clock;
	}

	set clock(clock: Clock) {
		this.#rows.clock = clock;
	}

	print(item: TranscriptItem): void {
		this.#items.push(item);
		if (this.#items.length > MAX_ITEMS) this.#items.shift();
		const at = timeOf(item);
		if (at !== null) this.#printDay(at);
		this.view.add(this.#rows.row(item, this.#isContinued(item)));
		this.#last = item;
	}

	printPage(item: TranscriptItem): void {
		this.print(item);
	}

	/** Rows of any length are shown whole, in a box that can be scrolled. */
	printNextPage(): boolean {
		return false;
	}

	/** Has the browser save it, under the name that it or the user chooses. */
	save(typed: string): TranscriptItem {
		const lines = Array.from(document.querySelectorAll(".row"), (row) => `${row.textContent}\n`);
		const link = create("a");
		link.href = URL.createObjectURL(new Blob(lines, { type: "text/plain" }));
		link.download = typed;
		link.click();
		URL.revokeObjectURL(link.href);
		return { kind: "note", text: `Saved ${count(lines.length, "line")} in ${typed}.` };
	}

	#printDay(at: number): void {
		const when = new Date(at);
		const day = when.toDateString();
		if (this.#day === day) return;
		this.#day = day;
		const date = when.toLocaleDateString(undefined, { dateStyle: "full" });
		this.view.add(create("div", "day", date));
	}

	#isContinued(item: TranscriptItem): boolean {
		const last = this.#last;
		if (item.kind !== "said" || last?.kind !== "said" || item.message.me || last.message.me) {
			return false;
		}
		const gap = item.message.at - last.message.at;
		return item.message.from === last.message.from && gap < GROUP_TIME;
	}
}
