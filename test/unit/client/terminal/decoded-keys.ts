import { expect } from "bun:test";
import {
	type FocusReport,
	type Key,
	KeyDecoder,
	type KeyName,
} from "../../../../lib/client/terminal/key-decoder.ts";

export const key = (name: KeyName): Key => ({ type: "key", name });
export const text = (text: string): Key => ({ type: "text", text });

/** The keys of all chunks and of the silence after them; consecutive texts are joined. */
export function keysOf(chunks: string[]): (Key | FocusReport)[] {
	const keyboard = new KeyDecoder();
	const keys: (Key | FocusReport)[] = [];
	for (const next of [...chunks.flatMap((chunk) => keyboard.push(chunk)), ...keyboard.flush()]) {
		const last = keys.at(-1);
		if (last?.type === "text" && next.type === "text") last.text += next.text;
		else keys.push({ ...next });
	}
	return keys;
}

/** Expects these keys from the input whole, cut in two anywhere, and by single characters. */
export function expectKeys(input: string, expected: (Key | FocusReport)[]): void {
	expect(keysOf([input])).toEqual(expected);
	for (let i = 1; i < input.length; i++) {
		expect(keysOf([input.slice(0, i), input.slice(i)])).toEqual(expected);
	}
	expect(keysOf(input.split(""))).toEqual(expected);
}
