import { expect, test } from "bun:test";
import { PassThrough, Readable } from "node:stream";
import { type InputLine, inputLines } from "../../../../lib/client/util/input-lines.ts";

async function linesOf(...chunks: (string | Buffer)[]): Promise<InputLine[]> {
	const lines: InputLine[] = [];
	const input = Readable.from(
		chunks.map((chunk) => Buffer.from(chunk)),
		{ objectMode: false },
	);
	for await (const line of inputLines(input)) lines.push(line);
	return lines;
}

const texts = (...lines: string[]): InputLine[] => lines.map((text) => ({ text }));
const fault = (line: number, what: string): InputLine => ({
	fault: `Line ${line} of the input ${what}.`,
});
const NOT_UTF8 = "is not text in UTF-8";

const ends: [what: string, input: string, lines: string[]][] = [
	["newlines", "one\ntwo\n", ["one", "two"]],
	["no newline at the end", "one\ntwo", ["one", "two"]],
	["Windows' ends", "one\r\n\r\ntwo\r\n", ["one", "", "two"]],
	["an old Mac's ends", "one\rtwo\r", ["one", "two"]],
	["separators inside a line", '{"text":"a\u2028b\u0085c"}\n', ['{"text":"a\u2028b\u0085c"}']],
	["nothing", "", []],
	["a byte order mark", "\ufeff/who\n\ufeffx\n", ["/who", "\ufeffx"]],
	["only a byte order mark", "\ufeff\n", [""]],
	["two byte order marks", "\ufeff\ufeffx\n", ["\ufeffx"]],
	["characters of every length", "aé€😀\n", ["aé€😀"]],
	["the character that stands for bad ones", "\ufffd\n", ["\ufffd"]],
];
test.each(ends)("%s", async (_, input, lines) => {
	expect(await linesOf(input)).toEqual(texts(...lines));
	const bytes = Buffer.from(input);
	expect(await linesOf(...Array.from(bytes, (byte) => Buffer.from([byte])))).toEqual(
		texts(...lines),
	);
});

const latin1 = (text: string): Buffer => Buffer.from(text, "latin1");
const utf16 = Buffer.from("\ufeffhi\nyou\n", "utf16le");
const bad: [what: string, line: Buffer][] = [
	["Latin-1", latin1("caf\xe9")],
	["a character cut short", Buffer.from("caf€").subarray(0, -1)],
	["an overlong slash", Buffer.from([0xc0, 0xaf])],
	["half a surrogate pair", Buffer.from([0xed, 0xa0, 0x80])],
	["a zero byte", Buffer.from("a\0b")],
];
test.each(bad)("%s is refused, and the lines around it are not", async (_, line) => {
	const input = Buffer.concat([Buffer.from("before\n"), line, Buffer.from("\r\nafter\n")]);
	const lines = [{ text: "before" }, fault(2, NOT_UTF8), { text: "after" }];
	expect(await linesOf(input)).toEqual(lines);
	for (let cut = 1; cut < input.length; cut++) {
		expect(await linesOf(input.subarray(0, cut), input.subarray(cut))).toEqual(lines);
	}
});

test("no line of UTF-16 is taken for another text", async () => {
	const [first, second] = await linesOf(utf16);
	expect([first, second]).toEqual([fault(1, NOT_UTF8), fault(2, NOT_UTF8)]);
});

test("a line without an end is refused, and not kept", async () => {
	const mebibyte = Buffer.alloc(1024 * 1024, "x");
	const before = process.memoryUsage().rss;
	const endless = Readable.from(mebibytes(), { objectMode: false });
	const lines: InputLine[] = [];
	for await (const line of inputLines(endless)) lines.push(line);
	expect(lines).toEqual([fault(1, "is longer than 1 MiB"), ...texts("after")]);
	expect(process.memoryUsage().rss - before).toBeLessThan(100e6);
	expect(await linesOf(mebibyte)).toEqual(texts(mebibyte.toString()));

	function* mebibytes(): Generator<Buffer> {
		for (let count = 0; count < 300; count++) yield mebibyte;
		yield Buffer.from("\nafter\n");
	}
});

test("what follows the disposal is for the next reader", async () => {
	const input = new PassThrough();
	const lines = inputLines(input);
	input.write("one\n");
	const taken: InputLine[] = [];
	for await (const line of lines) {
		taken.push(line);
		lines[Symbol.dispose]();
		input.end("two\n");
	}
	expect(taken).toEqual(texts("one"));
	for await (const line of inputLines(input)) taken.push(line);
	expect(taken).toEqual(texts("one", "two"));
});
