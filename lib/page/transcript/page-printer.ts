import type { Printer } from "../../client/chat/printer.ts";
import type { Clock } from "../../client/commands/command.ts";
import { LineFormatter, type LineStyle } from "../../client/transcript/line-formatter.ts";
import type { Mentions } from "../../client/transcript/mentions.ts";
import { linesIn, Transcript } from "../../client/transcript/transcript.ts";
import type { TranscriptItem } from "../../client/transcript/transcript-item.ts";
import { count } from "../../client/util/count.ts";
import { Queue } from "../../util/queue.ts";
import { byId, create } from "../util/elements.ts";
import { LiveRegion } from "./live-region.ts";
import { saveFile } from "./save-file.ts";
import { StatusLine } from "./status-line.ts";
import { RowMaker, spokenText, timeOf } from "./transcript-row.ts";
import { TranscriptView } from "./transcript-view.ts";
import { Unread } from "./unread.ts";

/** Items that a reload keeps. */
const MAX_ITEMS = 200;
/** Milliseconds within which lines of one person belong together. */
const GROUP_TIME = 5 * 60_000;

const same = (text: string): string => text;
const UNSTYLED: LineStyle = { dim: same, bold: same, inverse: same, warning: same, name: same };

/** Shows what happens as rows of the page. */
export class PagePrinter implements Printer {
	readonly view = new TranscriptView(
		byId("transcript", HTMLElement),
		byId("room-new", HTMLElement),
	);
	readonly unread: Unread;
	readonly status = new StatusLine(byId("room-status", HTMLElement));
	readonly #live = new LiveRegion(byId("room-live", HTMLElement));
	readonly #mentions: Mentions;
	readonly #rows: RowMaker;
	/** What `save` writes: the lines that a terminal would show. */
	readonly #formatter: LineFormatter;
	readonly #transcript = new Transcript();
	#items = new Queue<TranscriptItem>();
	#last: TranscriptItem | undefined;
	#day = "";

	constructor(mentions: Mentions) {
		this.#mentions = mentions;
		this.#rows = new RowMaker(mentions);
		this.#formatter = new LineFormatter(UNSTYLED, mentions);
		this.unread = new Unread((mark) => this.view.add(mark));
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
		this.#formatter.clock = clock;
	}

	print(item: TranscriptItem): void {
		this.#print(item, true);
	}

	printPage(item: TranscriptItem): void {
		this.#print(item, false);
	}

	/** Shows again what the page showed before it was reloaded. Call once `clock` is set. */
	restore(items: readonly TranscriptItem[]): void {
		for (const item of items) this.#add(item, false);
		this.view.follow();
	}

	/** As the latest row's own button does. */
	printNextPage(): boolean {
		return this.view.showAllOfLatest();
	}

	/** Has the browser save it, under the name that it or the user chooses. */
	save(typed: string): TranscriptItem {
		const { text } = this.#transcript;
		saveFile(typed, text);
		return {
			kind: "note",
			text: `Your browser saves ${count(linesIn(text), "line")} as ${typed}.`,
		};
	}

	/** Empties the view. What was said is still saved. */
	clear(): void {
		this.view.clear();
		this.#items = new Queue();
		this.#last = undefined;
		this.#day = "";
	}

	/** What was said stays where it is; nothing else is shown any more. */
	close(): void {
		this.unread.close();
		this.view.close();
		this.#live.close();
	}

	/** The state of the connection has a place of its own. */
	#print(item: TranscriptItem, isWhole: boolean): void {
		if (item.kind === "connection") return this.status.show(item);
		// Behind the mark, who speaks is to be seen again.
		if (this.unread.announce(item, this.#mentions.me)) this.#last = undefined;
		this.#live.say(spokenText(this.#add(item, isWhole)));
	}

	#add(item: TranscriptItem, isWhole: boolean): HTMLElement {
		this.#transcript.add(this.#formatter.format(item));
		this.#items.push(item);
		if (this.#items.length > MAX_ITEMS) this.#items.shift();
		const at = timeOf(item);
		if (at !== null) this.#printDay(at);
		const row = this.#rows.row(item, { isContinued: this.#isContinued(item), isWhole });
		this.view.add(row);
		this.#last = item;
		return row;
	}

	#printDay(at: number): void {
		const when = new Date(at);
		const day = when.toDateString();
		if (this.#day === day) return;
		this.#day = day;
		this.#last = undefined;
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
