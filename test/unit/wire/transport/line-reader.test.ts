import { describe, expect, test } from "bun:test";
import { ProtocolError } from "../../../../lib/wire/errors/reason.ts";
import { LineReader } from "../../../../lib/wire/transport/line-reader.ts";

const STREAM = "FERNET-CHAT/1 a\n\n0 gAAAAA==\r\nx\n\n\nthe last one\nunfinished";
const WHOLE = ["FERNET-CHAT/1 a", "", "0 gAAAAA==\r", "x", "", "", "the last one"];

/** The lines that come out of chunks, and the error that ends them, if there is one. */
function cut(lines: LineReader, chunks: Iterable<string>): { taken: string[]; error?: unknown } {
	const taken: string[] = [];
	try {
		for (const chunk of chunks) {
			const bytes = Buffer.from(chunk, "latin1");
			lines.push(bytes, (line) => taken.push(line));
			// The socket reuses its buffer, so the reader must copy what it keeps.
			bytes.fill("!");
		}
		return { taken };
	} catch (error) {
		return { taken, error };
	}
}

/** The ways a stream may arrive: whole, byte by byte, and in pieces of some sizes. */
function* deliveries(stream: string): Generator<string[]> {
	yield [stream];
	for (const size of [1, 2, 3, 7, 64]) {
		yield stream.match(new RegExp(`[^]{1,${size}}`, "g")) ?? [];
	}
}

describe("delivery", () => {
	test("at once, byte by byte, or in pieces", () => {
		for (const chunks of deliveries(STREAM)) {
			expect(cut(new LineReader(100), chunks)).toEqual({ taken: WHOLE });
		}
	});

	test("cut in any two places, empty pieces among them", () => {
		for (let first = 0; first <= STREAM.length; first++) {
			for (let second = first; second <= STREAM.length; second++) {
				const pieces = [STREAM.slice(0, first), STREAM.slice(first, second), STREAM.slice(second)];
				expect(cut(new LineReader(100), pieces)).toEqual({ taken: WHOLE });
			}
		}
	});

	test("an unfinished line comes when its end does", () => {
		const lines = new LineReader(100);
		expect(cut(lines, [STREAM]).taken).not.toContain("unfinished");
		expect(cut(lines, ["", " no more", "\nnext"])).toEqual({ taken: ["unfinished no more"] });
	});

	test("a long line after a short one and a short one after a long one", () => {
		const sizes = [5, 5000, 3, 600, 0, 100_000, 1];
		const expected = sizes.map((size, index) => String(index).repeat(size));
		for (const chunks of deliveries(`${expected.join("\n")}\n`)) {
			expect(cut(new LineReader(100_000), chunks)).toEqual({ taken: expected });
		}
	});

	test("every byte is one character of the line", () => {
		const bytes = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)).join("");
		const line = bytes.replace("\n", "");
		for (const chunks of deliveries(`${line}\n`)) {
			expect(cut(new LineReader(255), chunks)).toEqual({ taken: [line] });
		}
	});

	test("what taking a line throws is not swallowed", () => {
		const fault = new Error("not taken");
		const push = () =>
			new LineReader(10).push(Buffer.from("a\nb\n"), () => {
				throw fault;
			});
		expect(push).toThrow(fault);
	});
});

describe("whoever takes a line may stop there", () => {
	/** Takes lines of a chunk until one of these, and what is left of the chunk then. */
	function takeUntil(lines: LineReader, chunk: string, last: string) {
		const taken: string[] = [];
		const rest = lines.push(Buffer.from(chunk, "latin1"), (line) => {
			taken.push(line);
			return line !== last;
		});
		return { taken, rest: rest?.toString("latin1") ?? null };
	}

	test("gets back what is behind that line, unread, and can go on with it", () => {
		const lines = new LineReader(100);
		const rest = "c\n\nd\nunfin";
		expect(takeUntil(lines, `a\nb\n${rest}`, "b")).toEqual({ taken: ["a", "b"], rest });
		expect(takeUntil(lines, rest, "c")).toEqual({ taken: ["c"], rest: "\nd\nunfin" });
		expect(takeUntil(lines, "\nd\nunfin", "x")).toEqual({ taken: ["", "d"], rest: null });
		expect(takeUntil(lines, "ished\n", "x")).toEqual({ taken: ["unfinished"], rest: null });
	});

	test("gets nothing back where nothing is behind it", () => {
		expect(takeUntil(new LineReader(100), "a\nb\n", "b")).toEqual({
			taken: ["a", "b"],
			rest: null,
		});
		expect(takeUntil(new LineReader(100), "a\nunfinished", "b")).toEqual({
			taken: ["a"],
			rest: null,
		});
	});

	test("at a line that began in an earlier chunk", () => {
		const lines = new LineReader(100);
		expect(takeUntil(lines, "be", "begun")).toEqual({ taken: [], rest: null });
		expect(takeUntil(lines, "gun\nnext\n", "begun")).toEqual({ taken: ["begun"], rest: "next\n" });
		expect(takeUntil(lines, "next\n", "x")).toEqual({ taken: ["next"], rest: null });
	});

	test("and what is behind it is measured only when it is read", () => {
		const lines = new LineReader(10);
		const long = `${"x".repeat(11)}\n`;
		expect(takeUntil(lines, `a\n${long}`, "a")).toEqual({ taken: ["a"], rest: long });
		expect(() => takeUntil(lines, long, "a")).toThrow(ProtocolError);
	});

	test("at every line of a stream, however it arrives", () => {
		for (const chunks of deliveries(STREAM)) {
			const lines = new LineReader(100);
			const taken: string[] = [];
			for (const chunk of chunks) {
				let rest: Buffer | null = Buffer.from(chunk, "latin1");
				while (rest) rest = lines.push(rest, (line) => taken.push(line) === 0);
			}
			expect(taken).toEqual(WHOLE);
		}
	});
});

describe("the limit", () => {
	const TOO_LONG = expect.objectContaining({
		code: "line_too_long",
		message: "A line must not be longer than 10 bytes.",
	});

	test.each([
		{ what: "one under", size: 9, passes: true },
		{ what: "exactly", size: 10, passes: true },
		{ what: "one over", size: 11, passes: false },
		{ what: "far over", size: 5000, passes: false },
	])("$what", ({ size, passes }) => {
		const line = "x".repeat(size);
		for (const chunks of deliveries(`first\n${line}\n${line}\n`)) {
			const { taken, error } = cut(new LineReader(10), chunks);
			expect(taken).toEqual(passes ? ["first", line, line] : ["first"]);
			if (passes) expect(error).toBeUndefined();
			else expect(error).toEqual(TOO_LONG);
			if (!passes) expect(error).toBeInstanceOf(ProtocolError);
		}
	});

	test("a line is too long before its newline has come", () => {
		expect(cut(new LineReader(10), ["x".repeat(10)])).toEqual({ taken: [] });
		expect(cut(new LineReader(10), ["x".repeat(11)])).toEqual({ taken: [], error: TOO_LONG });
		expect(cut(new LineReader(10), ["x".repeat(10), "x"])).toEqual({ taken: [], error: TOO_LONG });
	});

	test.each([
		{ what: "raised", before: 5, after: 10 },
		{ what: "lowered", before: 10, after: 5 },
	])("$what between two lines of one chunk, it holds from the second", ({ before, after }) => {
		for (const size of [after, after + 1]) {
			for (const chunks of deliveries(`${"a".repeat(before)}\n${"b".repeat(size)}\n`)) {
				const lines = new LineReader(before);
				const taken: string[] = [];
				const push = () => {
					for (const chunk of chunks) {
						lines.push(Buffer.from(chunk), (line) => {
							taken.push(line);
							lines.limit = after;
						});
					}
				};
				if (size > after) expect(push).toThrow(ProtocolError);
				else expect(push).not.toThrow();
				expect(taken).toHaveLength(size > after ? 1 : 2);
			}
		}
	});

	test.each([1, 2, 511, 512, 513, 4096, 100_000])(
		"of a stream with no newline, in pieces of %i, no more is kept",
		(size) => {
			const limit = 4096;
			const lines = new LineReader(limit);
			const piece = Buffer.alloc(size, "x");
			let kept = 0;
			const push = () => lines.push(piece, () => expect.unreachable());
			for (; kept + size <= limit; kept += size) push();
			expect(push).toThrow(ProtocolError);
			// The reader did not keep what it refused: the line still ends where it did.
			const end = cut(lines, ["\n"]);
			expect(end).toEqual({ taken: ["x".repeat(kept)] });
		},
	);
});
