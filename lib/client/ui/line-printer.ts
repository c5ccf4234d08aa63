import { systemErrorCode, systemReason } from "../../util/errors.ts";
import { expandHome } from "../../util/home-path.ts";
import { createFile } from "../../util/secure-file.ts";
import type { Printer } from "../chat/printer.ts";
import type { Clock } from "../commands/command.ts";
import type { LineFormatter } from "../transcript/line-formatter.ts";
import { type Page, Pager } from "../transcript/pager.ts";
import { linesIn, Transcript } from "../transcript/transcript.ts";
import type { TranscriptItem } from "../transcript/transcript-item.ts";
import { count } from "../util/count.ts";
import type { LineUi } from "./line-ui.ts";

/** Puts what happens on the screen as lines. */
export class LinePrinter implements Printer {
	readonly #formatter: LineFormatter;
	readonly #ui: () => Pick<LineUi, "print" | "size">;
	readonly #transcript = new Transcript();
	readonly #pager = new Pager();

	/** `ui` is a function, because the UI is opened later. */
	constructor(formatter: LineFormatter, ui: () => Pick<LineUi, "print" | "size">) {
		this.#formatter = formatter;
		this.#ui = ui;
	}

	/** Everything that is kept, as `save` writes it: without colours. */
	get text(): string {
		return Bun.stripANSI(this.#transcript.text);
	}

	get clock(): Clock {
		return this.#formatter.clock;
	}

	set clock(clock: Clock) {
		this.#formatter.clock = clock;
	}

	print(item: TranscriptItem): void {
		const text = this.#formatter.format(item);
		this.#transcript.add(text);
		this.#ui().print(text);
	}

	printPage(item: TranscriptItem): void {
		const text = this.#formatter.format(item);
		this.#transcript.add(text);
		this.#show(this.#pager.begin(text, this.#ui().size));
	}

	printNextPage(): boolean {
		const page = this.#pager.next(this.#ui().size);
		if (page) this.#show(page);
		return page !== null;
	}

	save(typed: string): TranscriptItem {
		const file = expandHome(typed);
		const { text } = this;
		try {
			// Only the user can read it.
			createFile(file, text);
			return { kind: "note", text: `Saved ${count(linesIn(text), "line")} in ${file}.` };
		} catch (error) {
			return { kind: "problem", text: `Not saved: ${saveFault(file, error)}` };
		}
	}

	#show({ text, rowsLeft }: Page): void {
		this.#ui().print(text);
		if (rowsLeft === 0) return;
		this.#ui().print(this.#formatter.note(`${count(rowsLeft, "more line")}. To read on: /more`));
	}
}

const saveFault = (file: string, error: unknown): string =>
	systemErrorCode(error) === "EEXIST"
		? `"${file}" already exists. Choose another name.`
		: `"${file}" cannot be written (${systemReason(error)}).`;
