import { expect, test } from "bun:test";
import { PassThrough } from "node:stream";
import type { ReadStream } from "node:tty";
import type { Key } from "../../../../lib/client/terminal/key-decoder.ts";
import { Keyboard } from "../../../../lib/client/terminal/keyboard.ts";

/** The keys of chunks of bytes, each given in Latin-1. */
function keysOf(...chunks: string[]): Key[] {
	const input = Object.assign(new PassThrough(), { setRawMode: () => {} });
	const keys: Key[] = [];
	const keyboard = new Keyboard(input as unknown as ReadStream, (more) => keys.push(...more));
	keyboard.take();
	for (const chunk of chunks) input.emit("data", Buffer.from(chunk, "latin1"));
	keyboard.release();
	return keys;
}

const text = (text: string): Key => ({ type: "text", text });
const invalid: Key = { type: "invalid" };
const enter: Key = { type: "key", name: "enter" };

test.each<[bytes: string, Key[]]>([
	["caf\xe9\r", [text("caf"), invalid, enter]],
	["\xe9cole\r", [invalid, text("cole"), enter]],
	["a\xff\xfe\xc0b", [text("a"), invalid, text("b")]],
	["a\xffb\xffc", [text("a"), invalid, text("b"), invalid, text("c")]],
	["a\xef\xbf\xbdb", [text("a\ufffdb")]],
	["\xef\xbf\xbd\xff\xef\xbf\xbd", [text("\ufffd"), invalid, text("\ufffd")]],
	["\xc3\xef\xbf\xbd", [invalid, text("\ufffd")]],
	["caf\xc3\xa9\r", [text("café"), enter]],
	["\x1b[200~caf\xe9\x1b[201~", [invalid, { type: "paste", text: "caf" }]],
])("%j: what is not UTF-8 is left out where it was", (bytes, keys) => {
	expect(keysOf(bytes)).toEqual(keys);
});

test("what the terminal reports comes in its place among the keys", () => {
	const input = Object.assign(new PassThrough(), { setRawMode: () => {} });
	const seen: unknown[] = [];
	const keyboard = new Keyboard(
		input as unknown as ReadStream,
		(keys) => seen.push(...keys),
		(isFocused) => seen.push(isFocused),
	);
	keyboard.take();
	for (const chunk of ["ab\x1b[Oc", "\x1b[I\r\x1b[O"]) input.emit("data", Buffer.from(chunk));
	keyboard.release();
	expect(seen).toEqual([text("ab"), false, text("c"), true, enter, false]);
	expect(keysOf("ab\x1b[Oc\x1b[I")).toEqual([text("ab"), text("c")]);
});

test("a character cut in two is whole", () => {
	expect(keysOf("caf\xc3", "\xa9")).toEqual([text("caf"), text("é")]);
});
