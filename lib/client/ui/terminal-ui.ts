import type { ReadStream, WriteStream } from "node:tty";
import { systemClocks } from "../../util/clock.ts";
import type { Conversation } from "../chat/conversation.ts";
import type { PendingMessage } from "../chat/pending-messages.ts";
import type { Ui, UiOptions } from "../chat/ui.ts";
import { completions } from "../commands/completion.ts";
import { destination } from "../commands/destination.ts";
import type { JobSignals } from "../terminal/job-control.ts";
import type { Key } from "../terminal/key-decoder.ts";
import { type Block, fit } from "../terminal/layout.ts";
import { Editor } from "../terminal/line-editor.ts";
import { Prompt } from "../terminal/prompt.ts";
import type { Style } from "../terminal/style.ts";
import { sizeOf, Terminal } from "../terminal/terminal.ts";
import { markLine } from "../util/line-mark.ts";
import { sanitizeLine } from "../util/sanitize.ts";

/** Milliseconds that an echo usually takes; we show only messages that have waited longer. */
const QUICK_ECHO = 150;
/** Pending messages shown at once. */
const MAX_PENDING_ROWS = 3;

/** A conversation on a real terminal: transcript above, the line being typed below. */
export function openUi(
	streams: { input: ReadStream; output: WriteStream; signals: JobSignals },
	conversation: Conversation,
	{ style, submit, leave }: UiOptions,
): Ui {
	const editor = new Editor();
	const prompt = new Prompt({
		editor,
		style,
		destination: (text) => destination(text, conversation.replyTo?.name ?? null),
		completions: (before) => completions(before, conversation),
		now: systemClocks.now,
	});

	function pressed(key: Key): void {
		const action = prompt.press(key);
		if (action?.type === "submit") submit(action.text);
		if (action?.type === "note") conversation.note(action.text);
		if (action?.type === "clear") terminal.clear();
		if (action?.type === "suspend") terminal.suspend();
		if (action?.type === "leave") {
			conversation.note(`Leaving, because you pressed ${action.key}.`);
			leave();
		}
		conversation.drafting(editor.text);
	}

	function view(): Block {
		// Keep one row of the transcript in sight, however small the terminal is.
		const { columns, rows } = sizeOf(streams.output);
		const waiting = pendingRows(conversation.delivery.pending, style, columns);
		const above = waiting.slice(0, Math.max(0, rows - 3));
		const block = prompt.view(columns, Math.max(1, rows - 1 - above.length));
		const cursorRow = block.cursorRow + above.length;
		return { ...block, rows: [...above, ...block.rows], cursorRow };
	}

	const terminal = new Terminal(streams, view, pressed);
	// The terminal was closed. SIGHUP says so too, unless we were started to ignore it.
	streams.input.once("end", leave);
	return {
		print: (line) => terminal.print(line),
		get size() {
			return sizeOf(streams.output);
		},
		ring: () => terminal.bell(),
		failed: () => terminal.draw(),
		changed: () => terminal.draw(),
		ready: () => terminal.ready(),
		close: () => {
			streams.input.off("end", leave);
			terminal.close();
		},
	};
}

/** Rows for pending messages that are late or have failed. */
function pendingRows(entries: readonly PendingMessage[], style: Style, columns: number): string[] {
	const now = systemClocks.now();
	const late = entries.filter(({ failure, since }) => failure || now - since > QUICK_ECHO);
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
