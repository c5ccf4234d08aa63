import type { ReadStream, WriteStream } from "node:tty";
import { commandNames } from "../chat/commands.ts";
import type { Conversation } from "../chat/conversation.ts";
import type { PendingMessage } from "../chat/pending-messages.ts";
import type { Ui, UiOptions } from "../chat/ui.ts";
import type { Key } from "../terminal/key-decoder.ts";
import { type Block, fit } from "../terminal/layout.ts";
import { Editor } from "../terminal/line-editor.ts";
import { Prompt } from "../terminal/prompt.ts";
import type { Style } from "../terminal/style.ts";
import { sizeOf, Terminal } from "../terminal/terminal.ts";
import { sanitizeLine } from "../util/sanitize.ts";

/** An echo is expected this soon, in milliseconds; only a later one's line is shown as on its way. */
const QUICK_ECHO = 150;
/** Pending lines shown at once, and names that Tab offers. */
const SHOWN = 3;
const OFFERED = 50;

/** A conversation on a real terminal: transcript above, the line being typed below. */
export function openUi(
	streams: { input: ReadStream; output: WriteStream },
	conversation: Conversation,
	{ style, submit, leave }: UiOptions,
): Ui {
	const editor = new Editor();
	const prompt = new Prompt({
		editor,
		style,
		destination: (text) => destination(text, conversation.replyTo),
		candidates: (before) => candidates(before, conversation),
	});

	function pressed(key: Key): void {
		const action = prompt.press(key);
		if (action?.type === "submit") submit(action.text);
		if (action?.type === "note") conversation.note(action.text);
		if (action?.type === "clear") terminal.clear();
		if (action?.type === "leave") {
			conversation.note(`leaving: ${action.how}`);
			leave();
		}
		const isAnswer = /^\/reply\s/.test(editor.text);
		conversation.replyingTo = isAnswer ? conversation.replyTo : null;
		terminal.draw();
	}

	function view(): Block {
		// A row of the transcript stays in sight, however small the terminal is.
		const { columns, rows } = sizeOf(streams.output);
		const waiting = pendingRows(conversation.delivery.pending, style, columns);
		const above = waiting.slice(0, Math.max(0, rows - 3));
		const block = prompt.view(columns, Math.max(1, rows - 1 - above.length));
		const cursorRow = block.cursorRow + above.length;
		return { ...block, rows: [...above, ...block.rows], cursorRow };
	}

	const terminal = new Terminal(streams, view, pressed);
	return {
		print: (line) => terminal.print(line),
		ring: () => terminal.bell(),
		failed: () => terminal.draw(),
		changed: () => terminal.draw(),
		ready: () => terminal.ready(),
		close: () => terminal.close(),
	};
}

/** Whom the line being typed will go to: shown before it is sent, not found out afterwards. */
export function destination(
	text: string,
	correspondent: string | null,
): { everybody: boolean; label: string } {
	const [, name] = /^\/tell\s+@?(\S+)\s/.exec(text) ?? [];
	const reader = name ?? (/^\/reply\s/.test(text) ? correspondent : null);
	if (reader !== null) return { everybody: false, label: `to ${sanitizeLine(reader)} only` };
	if (/^\/(?!\/|me\s)/.test(text)) return { everybody: true, label: "command" };
	return { everybody: true, label: "to all" };
}

/** What the word before the cursor may become: a command at the start, else a name. */
export function candidates(before: string, { members, name, isOwner }: Conversation): string[] {
	const word = /\S*$/.exec(before)?.[0] ?? "";
	if (word === before && word.startsWith("/")) {
		const commands = commandNames(isOwner).filter((command) => command.startsWith(word));
		return commands.map((found) => `${found} `);
	}
	const at = word.startsWith("@") ? "@" : "";
	const start = word.slice(at.length).toLowerCase();
	if (start === "" && at === "" && !/^\/(tell|ignore|kick|ban|mute) $/.test(before)) return [];
	return [...members]
		.filter((member) => member !== name && member.toLowerCase().startsWith(start))
		.sort()
		.slice(0, OFFERED)
		.map((member) => `${at}${member} `);
}

/** Rows for what was said and not echoed: on its way, or not sent. */
function pendingRows(entries: readonly PendingMessage[], style: Style, columns: number): string[] {
	const now = Date.now();
	const late = entries.filter(({ failure, sentAt }) => failure || now - sentAt > QUICK_ECHO);
	const rows = late.slice(0, SHOWN).map(({ message, failure }) => {
		const to = message.type === "tell" ? `PRIVATE to ${sanitizeLine(message.to)}: ` : "";
		const text = `${to}${sanitizeLine(message.text)}`;
		if (failure === undefined) return style.dim(fit(`… ${text}`, columns));
		const reason = sanitizeLine(failure);
		return style.warning(fit(`✗ not sent, ${reason}: ${text} (/again, /forget)`, columns));
	});
	const rest = late.length - rows.length;
	return rest > 0 ? [...rows, style.dim(fit(`… and ${rest} more`, columns))] : rows;
}
