import { Readable } from "node:stream";
import { isCancel } from "@clack/prompts";
import { JobControl } from "../keyboard/job-control.ts";
import { type Key, textOf } from "../keyboard/key-decoder.ts";
import { sequenceOf } from "../keyboard/key-names.ts";
import { Keyboard } from "../keyboard/keyboard.ts";
import type { LoginStreams } from "./login-page.ts";

/** What a prompt gets: keys in a form that it understands, whatever the terminal sends. */
type PromptStreams = Omit<LoginStreams, "input" | "signals"> & { readonly input: Readable };

/** Characters of keys that are kept to press them again; nothing that is asked for is as long. */
const MAX_KEPT = 64 * 1024;

/**
 * Shows a prompt of clack's, and resolves to null when the user gives up. A prompt knows nothing of
 * being stopped: then it is taken away, and when the program goes on it is shown anew, on a screen
 * that may be another, and the keys are pressed again.
 */
export async function question<T>(
	{ input, output, signal, signals }: LoginStreams,
	prompt: (streams: PromptStreams) => Promise<T>,
): Promise<Exclude<T, symbol> | null> {
	let kept = "";
	for (;;) {
		const stop = new AbortController();
		const keys = new Readable({ read() {} });
		const keyboard = new Keyboard(input, (pressed) => {
			for (const key of pressed) {
				if (key.type === "key" && key.name === "ctrl-z") jobs.suspend();
				else {
					keys.push(bytesOf(key));
					kept = (kept + bytesOf(key)).slice(0, MAX_KEPT);
				}
			}
		});
		// In the background this waits: only then does going on mean that somebody has stopped us.
		keyboard.take();
		using jobs = new JobControl(signals, {
			release: () => {
				stop.abort();
				keyboard.release();
			},
			take: () => stop.abort(),
		});
		keys.push(kept);
		const given = AbortSignal.any([signal, stop.signal]);
		const answer = await prompt({ input: keys, output, signal: given }).finally(() =>
			keyboard.release(),
		);
		if (!stop.signal.aborted) return isCancel(answer) ? null : (answer as Exclude<T, symbol>);
	}
}

const bytesOf = (key: Key): string =>
	key.type === "key" ? sequenceOf(key.name) : textOf(key).replaceAll("\n", "\r");
