import type { Readable } from "node:stream";
import type { WriteStream } from "node:tty";
import { isBlank } from "../../util/invisible.ts";
import type { Conversation } from "../chat/conversation.ts";
import type { Ui, UiOptions } from "../chat/ui.ts";
import { sizeOf } from "../terminal/terminal.ts";
import { inputLines } from "../util/input-lines.ts";
import { Output } from "../util/output.ts";
import { sanitizeLine } from "../util/sanitize.ts";

/**
 * A conversation as lines in and lines out, never with a control sequence: for screen readers, dumb
 * terminals, pipes and files. Nothing rings, because a bell is a control character, too.
 */
export function openUi(
	streams: { input: Readable; output: WriteStream },
	conversation: Conversation,
	{ submit, leave }: UiOptions,
): Ui {
	const lines = inputLines(streams.input);
	const output = new Output(streams.output);
	const { delivery } = conversation;
	let isOpen = true;
	const { promise: closed, resolve: close } = Promise.withResolvers<void>();
	/** A file may be piped in: read it no faster than the room echoes it, and send all of it. */
	async function read(): Promise<void> {
		for await (const line of lines) {
			await Promise.race([delivery.waitForCapacity(), closed]);
			if (!isOpen) return;
			if ("fault" in line) conversation.problem(`Not sent: ${line.fault}`);
			else if (!isBlank(line.text)) submit(line.text.trimEnd());
		}
		await Promise.race([delivery.waitUntilSettled(), closed]);
		if (isOpen) leave();
	}
	void read();
	return {
		print: (line) => output.write(`${line}\n`),
		get size() {
			return sizeOf(streams.output);
		},
		ring: () => {},
		failed: ({ message, failure }) => {
			const text = sanitizeLine(message.text);
			conversation.problem(`Not sent: ${text} (${failure}) To send it again: /again`);
		},
		changed: () => {},
		ready: () => output.ready(),
		close: () => {
			isOpen = false;
			close();
			lines[Symbol.dispose]();
		},
	};
}
