import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import type { Ui } from "./chat.ts";
import { cleanLine } from "./clean.ts";
import type { Conversation } from "./conversation.ts";
import { caughtUp } from "./output.ts";

/**
 * A conversation as lines in and lines out, with no control sequence ever: for screen readers, dumb
 * terminals, pipes and files. A bell is one too, so nothing rings.
 */
export function plain(
	{ input, output }: { input: Readable; output: Writable },
	conversation: Conversation,
	submit: (line: string) => void,
	leave: () => void,
): Ui {
	const lines = createInterface({ input, terminal: false });
	lines.on("line", (line) => {
		if (line.trim() !== "") submit(line.trimEnd());
	});
	lines.on("close", leave);
	return {
		print: (line) => void output.write(`${line}\n`),
		ring: () => {},
		failed: ({ message, failure }) => {
			const text = cleanLine(message.text);
			conversation.problem(`not sent: ${text} (${failure}); /again sends it once more`);
		},
		changed: () => {},
		ready: () => caughtUp(output),
		close: () => {
			lines.off("close", leave);
			lines.close();
		},
	};
}
