import type { ReadStream, WriteStream } from "node:tty";
import { systemClocks } from "../../util/clock.ts";
import { isBlank } from "../../util/invisible.ts";
import type { Conversation } from "../chat/conversation.ts";
import { draftDestination } from "../chat/draft-destination.ts";
import type { PendingMessage } from "../chat/pending-messages.ts";
import { completions } from "../commands/completion.ts";
import { parseLine } from "../commands/parse-line.ts";
import { maySave } from "../commands/saved-lines.ts";
import { Editor } from "../editor/line-editor.ts";
import type { JobSignals } from "../keyboard/job-control.ts";
import type { Key } from "../keyboard/key-decoder.ts";
import { Attention } from "../terminal/attention.ts";
import type { Question } from "../terminal/confirmation.ts";
import { type Block, fit, type ScreenSize, sizeOf } from "../terminal/layout.ts";
import { Prompt } from "../terminal/prompt.ts";
import type { Style } from "../terminal/style.ts";
import { Terminal } from "../terminal/terminal.ts";
import { markLine } from "../util/line-mark.ts";
import { sanitizeLine } from "../util/sanitize.ts";
import { shownTime } from "../util/shown-time.ts";
import type { LineUi, LineUiOptions } from "./line-ui.ts";

/** Columns that the prompt leaves for typing when it says more than it must. */
const MIN_TYPING_COLUMNS = 20;
/** Pending messages shown at once. */
const MAX_PENDING_ROWS = 3;

interface Streams {
	readonly input: ReadStream;
	readonly output: WriteStream;
	readonly signals: JobSignals;
}

/** A conversation on a real terminal: transcript above, the line being typed below. */
export const openUi = (
	streams: Streams,
	conversation: Conversation,
	options: LineUiOptions,
): LineUi => new TerminalUi(streams, conversation, options);

class TerminalUi implements LineUi {
	readonly keyHelp = [
		"Alt-Enter, or \\ before Enter, begins a new line. Tab completes names and commands.",
		"Ctrl-R searches what you typed before, Ctrl-_ undoes.",
	];
	readonly #streams: Streams;
	readonly #conversation: Conversation;
	readonly #options: LineUiOptions;
	readonly #editor: Editor;
	readonly #prompt: Prompt;
	readonly #terminal: Terminal;
	readonly #attention = new Attention();
	/** What Enter is for now, instead of sending the line. */
	#notice: { text: string; proceed: () => void } | undefined;
	#isOpen = true;
	#change: Timer | undefined;

	constructor(streams: Streams, conversation: Conversation, options: LineUiOptions) {
		this.#streams = streams;
		this.#conversation = conversation;
		this.#options = options;
		this.#editor = new Editor(undefined, options.history?.lines);
		this.#prompt = new Prompt({
			editor: this.#editor,
			style: options.style,
			destination: (text) => this.#destination(text),
			messageOf: (line) => parseLine(line).text,
			completions: (before) => completions(before, conversation),
			isSecret: (text) => options.secret.isIn(text),
			now: systemClocks.now,
		});
		this.#terminal = new Terminal(
			streams,
			() => this.#view(),
			(key) => this.#pressed(key),
			(isFocused) => this.#attention.focused(isFocused),
		);
		// The terminal was closed. SIGHUP says so too, unless we were started to ignore it.
		streams.input.once("end", options.leave);
	}

	get size(): ScreenSize {
		return sizeOf(this.#streams.output);
	}

	/** Marks the place where the user stopped looking, before the first line that comes after it. */
	print(line: string): void {
		const since = this.#attention.markNew();
		if (since !== null) {
			const text = `──── new since ${shownTime(since, systemClocks.wallNow())} ────`;
			this.#terminal.print(this.#options.style.bold(markLine(text)));
		}
		this.#terminal.print(line);
	}

	ring(): void {
		this.#terminal.bell();
	}

	clear(): void {
		this.#terminal.clear();
	}

	ask(question: Question): void {
		this.#prompt.ask(question);
		this.#redraw();
	}

	withdraw(question?: Question): void {
		const told = this.#prompt.withdraw(question);
		if (told !== null) this.#conversation.note(told);
		this.#redraw();
	}

	giveBack(line: string): void {
		this.#prompt.giveBack(line);
		this.#terminal.draw();
	}

	failed(): void {
		this.#terminal.draw();
	}

	changed(): void {
		this.#terminal.draw();
	}

	async giveWay<T>(text: string, page: () => Promise<T>): Promise<T> {
		const { promise, resolve: proceed } = Promise.withResolvers<void>();
		this.#notice = { text, proceed };
		this.#prompt.isHeld = true;
		// Enter, which the notice asks for, would not answer the question.
		this.withdraw();
		await promise;
		this.#notice = undefined;
		this.#prompt.isHeld = false;
		this.#terminal.lend();
		try {
			return await page();
		} finally {
			this.#attention.pressed();
			if (this.#isOpen) this.#terminal.reclaim();
		}
	}

	ready(): Promise<void> {
		return this.#terminal.ready();
	}

	close(): void {
		// A question may have taken the line that was typed.
		if (this.#isOpen) this.withdraw();
		const draft = this.#isOpen ? this.#editor.text : "";
		if (!isBlank(draft)) this.#conversation.problem(`Not sent: ${draft}`);
		this.#isOpen = false;
		clearTimeout(this.#change);
		this.#options.history?.close();
		this.#streams.input.off("end", this.#options.leave);
		this.#terminal.close();
	}

	#pressed(key: Key): void {
		const { leave } = this.#options;
		this.#attention.pressed();
		const action = this.#prompt.press(key);
		if (action?.type === "submit") this.#submit(action.text);
		if (action?.type === "proceed") {
			const { command, text } = parseLine(this.#editor.text);
			if (command?.name !== "leave" || text !== "") this.#notice?.proceed();
			else {
				this.#editor.set("");
				leave();
			}
		}
		if (action?.type === "note") this.#conversation.note(action.text);
		if (action?.type === "clear") this.clear();
		if (action?.type === "suspend") this.#terminal.suspend();
		if (action?.type === "leave") {
			this.#conversation.note(`Leaving, because you pressed ${action.key}.`);
			leave();
		}
		this.#conversation.recipients.drafting(this.#editor.text);
		this.#scheduleRedraw();
	}

	#submit(line: string): void {
		const { submit, history, secret } = this.#options;
		submit(line);
		if (maySave(line, secret)) history?.add(line);
	}

	#redraw(): void {
		// First: what is not due yet when we look may be due when it is drawn, but not the other way.
		this.#scheduleRedraw();
		this.#terminal.draw();
	}

	/** A question offers its answers only after a while. */
	#scheduleRedraw(): void {
		clearTimeout(this.#change);
		const wait = this.#prompt.viewChangesIn;
		if (wait > 0 && this.#isOpen) this.#change = setTimeout(() => this.#redraw(), wait);
	}

	/** Where the line goes, and why it may not be read at once. */
	#destination(text: string): { isPrivate: boolean; label: string } {
		const isOnline = this.#options.isOnline();
		const {
			isPrivate,
			label: shown,
			absence,
		} = draftDestination(text, this.#conversation, isOnline);
		// On a narrow terminal it matters more who gets the line, and that nobody else does.
		const isWide = shown.length + absence.length <= this.size.columns - MIN_TYPING_COLUMNS;
		return { isPrivate, label: isWide ? `${shown}${absence}` : shown };
	}

	#view(): Block {
		const { style } = this.#options;
		const { columns, rows } = this.size;
		const text = this.#notice?.text;
		const notices = text ? [style.warning(fit(markLine(text), columns))] : [];
		// Keep one row of the transcript in sight, however small the terminal is.
		const room = Math.min(rows - 1, Math.max(notices.length, rows - 3));
		const waiting = pendingRows(this.#conversation.delivery.late, style, columns);
		const above = [...waiting.slice(0, Math.max(0, room - notices.length)), ...notices];
		const block = this.#prompt.view(columns, Math.max(1, rows - 1 - above.length));
		const cursorRow = block.cursorRow + above.length;
		return { ...block, rows: [...above, ...block.rows], cursorRow };
	}
}

/** Rows for pending messages that are late or have failed. */
function pendingRows(late: readonly PendingMessage[], style: Style, columns: number): string[] {
	const rows = late.slice(0, MAX_PENDING_ROWS).map(({ message, failure }) => {
		const to = message.type === "tell" ? `PRIVATE to ${sanitizeLine(message.to)}: ` : "";
		const text = `${to}${sanitizeLine(message.text)}`;
		if (failure === undefined) return style.dim(fit(markLine(`… ${text}`), columns));
		const reason = sanitizeLine(failure);
		const line = markLine(`✗ Not sent: ${text} (${reason} /again or /forget)`);
		return style.warning(fit(line, columns));
	});
	const rest = late.length - rows.length;
	return rest > 0 ? [...rows, style.dim(fit(markLine(`… and ${rest} more`), columns))] : rows;
}
