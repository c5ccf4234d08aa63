import type { ReadStream, WriteStream } from "node:tty";
import { isBlank } from "../../util/invisible.ts";
import type { Conversation } from "../chat/conversation.ts";
import type { PendingMessage } from "../chat/pending-messages.ts";
import { type Question, READ_TIME } from "../terminal/confirmation.ts";
import { type ScreenSize, sizeOf } from "../terminal/layout.ts";
import { notSentText } from "../transcript/notices.ts";
import { type InputLine, type InputLines, inputLines } from "../util/input-lines.ts";
import { Output } from "../util/output.ts";
import { sanitizeLine } from "../util/sanitize.ts";
import type { LineUi, LineUiOptions } from "./line-ui.ts";

interface Streams {
	readonly input: ReadStream;
	readonly output: WriteStream;
}

/**
 * A conversation as lines in and lines out, never with a control sequence: for screen readers, dumb
 * terminals, pipes and files. Nothing rings, because a bell is a control character, too.
 */
export const openUi = (
	streams: Streams,
	conversation: Conversation,
	options: LineUiOptions,
): LineUi => new PlainUi(streams, conversation, options);

class PlainUi implements LineUi {
	/** The terminal itself edits the line. */
	readonly keyHelp = [];
	readonly #streams: Streams;
	readonly #output: Output;
	readonly #conversation: Conversation;
	readonly #options: LineUiOptions;
	readonly #closed = Promise.withResolvers<void>();
	#isOpen = true;
	/** What is read now; undefined while a page reads the input. */
	#lines: InputLines | undefined;
	/** What Enter alone is for now; a line with a text is not sent then. */
	#proceed: (() => void) | undefined;
	/** What the next line answers. Somebody has read it once its answers were offered. */
	#asked: { readonly question: Question; isRead: boolean; readonly offer: Timer } | undefined;

	constructor(streams: Streams, conversation: Conversation, options: LineUiOptions) {
		this.#streams = streams;
		this.#output = new Output(streams.output);
		this.#conversation = conversation;
		this.#options = options;
		void this.#read();
	}

	get size(): ScreenSize {
		return sizeOf(this.#streams.output);
	}

	print(line: string): void {
		this.#output.write(`${line}\n`);
	}

	ring(): void {}

	clear(): void {
		this.#conversation.problem("Plain lines cannot be cleared.");
	}

	ask(question: Question): void {
		if (!this.#streams.input.isTTY) return question.yes();
		this.#dismiss();
		this.#conversation.note(question.text);
		const offer = setTimeout(() => {
			asked.isRead = true;
			this.#conversation.note("Type y or n.");
		}, READ_TIME);
		const asked = { question, isRead: false, offer };
		this.#asked = asked;
	}

	withdraw(question: Question): void {
		if (this.#asked?.question === question) this.#dismiss();
	}

	/** The terminal has echoed the line, and cannot take it back. */
	giveBack(): void {}

	failed({ message, failure }: PendingMessage): void {
		const text = sanitizeLine(notSentText(message));
		this.#conversation.problem(`${text} (${failure}) To send it again: /again`);
	}

	changed(): void {}

	async giveWay<T>(notice: string, page: () => Promise<T>): Promise<T> {
		const { promise, resolve } = Promise.withResolvers<void>();
		this.#proceed = resolve;
		this.#conversation.note(notice);
		await promise;
		this.#proceed = undefined;
		this.#dismiss();
		this.#stopReading();
		try {
			return await page();
		} finally {
			if (this.#isOpen) void this.#read();
		}
	}

	ready(): Promise<void> {
		return this.#output.ready();
	}

	close(): void {
		this.#isOpen = false;
		clearTimeout(this.#asked?.offer);
		this.#closed.resolve();
		this.#stopReading();
	}

	/** A file may be piped in: read it no faster than the room echoes it, and send all of it. */
	async #read(): Promise<void> {
		const { delivery } = this.#conversation;
		const { promise: closed } = this.#closed;
		const lines = inputLines(this.#streams.input);
		this.#lines = lines;
		for await (const line of lines) {
			await Promise.race([delivery.waitForCapacity(), closed]);
			if (!this.#isOpen) return;
			this.#take(line);
		}
		// A page reads now what follows.
		if (lines !== this.#lines) return;
		await Promise.race([delivery.waitUntilSettled(), closed]);
		if (this.#isOpen) this.#options.leave();
	}

	#take(line: InputLine): void {
		if (this.#asked && this.#isAnswer(line)) return;
		if ("fault" in line) this.#conversation.problem(`Not sent: ${line.fault}`);
		else if (!isBlank(line.text)) this.#options.submit(line.text.trimEnd());
		else this.#proceed?.();
		if (this.#proceed) this.#conversation.delivery.failUnsent();
	}

	/** Whatever is no answer to the question is a no, and a line of its own. */
	#isAnswer(line: InputLine): boolean {
		const word = "text" in line ? line.text.trim() : "";
		const isYes = /^y(es)?$/i.test(word);
		if (isYes && this.#asked?.isRead) this.#dismiss("yes");
		else {
			if (isYes)
				this.#conversation.problem("A yes before the question can be read does not count.");
			this.#dismiss();
		}
		return /^(y(es)?|no?)?$/i.test(word) && !("fault" in line);
	}

	/** Ends the question, if there is one. */
	#dismiss(answer: "yes" | "no" = "no"): void {
		const asked = this.#asked;
		this.#asked = undefined;
		clearTimeout(asked?.offer);
		asked?.question[answer]?.();
	}

	#stopReading(): void {
		const lines = this.#lines;
		this.#lines = undefined;
		lines?.[Symbol.dispose]();
	}
}
