import type { LineFormatter } from "../transcript/line-formatter.ts";
import { type Page, Pager } from "../transcript/pager.ts";
import type { Transcript } from "../transcript/transcript.ts";
import { count } from "../util/count.ts";
import type { Ui } from "./ui.ts";

interface PrinterOptions {
	readonly formatter: LineFormatter;
	readonly transcript: Transcript;
	readonly ui: () => Ui;
}

/** Puts formatted texts on the screen, and into the transcript. */
export class Printer {
	readonly #options: PrinterOptions;
	readonly #pager = new Pager();

	constructor(options: PrinterOptions) {
		this.#options = options;
	}

	/** Prints what is ours, whole. */
	print(text: string): void {
		this.#options.transcript.add(text);
		this.#options.ui().print(text);
	}

	/** Prints what others wrote: a screenful at most, the rest when the user asks for more. */
	printPage(text: string): void {
		const { transcript, ui } = this.#options;
		transcript.add(text);
		this.#show(this.#pager.begin(text, ui().size));
	}

	/** Prints more of the latest text that did not fit the screen. False if there is none. */
	printNextPage(): boolean {
		const page = this.#pager.next(this.#options.ui().size);
		if (page) this.#show(page);
		return page !== null;
	}

	#show({ text, rowsLeft }: Page): void {
		const { formatter, ui } = this.#options;
		ui().print(text);
		if (rowsLeft === 0) return;
		ui().print(formatter.note(`${count(rowsLeft, "more line")}. To read on: /more`));
	}
}
