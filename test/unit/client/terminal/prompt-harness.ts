import { destination } from "../../../../lib/client/commands/destination.ts";
import { parseLine } from "../../../../lib/client/commands/parse-line.ts";
import { Editor } from "../../../../lib/client/editor/line-editor.ts";
import type { Key, KeyName } from "../../../../lib/client/keyboard/key-decoder.ts";
import { type InputAction, Prompt } from "../../../../lib/client/terminal/prompt.ts";
import { Style } from "../../../../lib/client/terminal/style.ts";

// A prompt whose keys a test presses, and the time that passes between them.

export const numRuns = Number(process.env.TEST_RUNS ?? 50);

export const LONGEST = "a-name-of-24-characters.";

/** Milliseconds between two keys of somebody who reads, and of a paste over a slow connection. */
export const READ = 2000;
export const PASTED = 900;

/** A prompt as in the room, with names to complete; one of the members has written to us. */
export function open(between = READ): { prompt: Prompt; editor: Editor } {
	let now = 0;
	return openAt(() => {
		now += between;
		return now;
	});
}

export function openAt(now: () => number): { prompt: Prompt; editor: Editor } {
	const editor = new Editor();
	const prompt = new Prompt({
		editor,
		style: new Style(true),
		destination: (text) => destination(text, LONGEST),
		messageOf: (line) => parseLine(line).text,
		completions: (before) => {
			const word = before.replace(/.*\s/s, "");
			const words = ["bob ", "bill ", `@${LONGEST} `].filter((name) => name.startsWith(word));
			return { start: before.length - word.length, words, isOffered: /^[@/]/.test(word) };
		},
		isSecret: (line) => line === "secret",
		now,
	});
	return { prompt, editor };
}

export const key = (name: KeyName): Key => ({ type: "key", name });
export const text = (text: string): Key => ({ type: "text", text });
export const paste = (text: string): Key => ({ type: "paste", text });

/** Presses all of these keys; returns the actions and the line that is left. */
export const press = (...keys: Key[]) => pressEvery(READ, ...keys);
export function pressEvery(
	between: number,
	...keys: Key[]
): { actions: InputAction[]; line: string } {
	const { prompt, editor } = open(between);
	const actions = keys.map((each) => prompt.press(each)).filter((action) => action !== null);
	return {
		actions,
		line: `${editor.text.slice(0, editor.cursor)}|${editor.text.slice(editor.cursor)}`,
	};
}

export const LARGE = "line\n".repeat(30);
export const submit = (text: string): InputAction => ({ type: "submit", text });
