import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { LIMITS } from "../../../../lib/server/limits/limits.ts";
import type { ClientMessage } from "../../../../lib/wire/messages/messages.ts";
import { client, inside, seal, sealOne, server, WHO } from "./channel-samples.ts";

// How much goes into one token: 64 messages, or 48 KiB of JSON.

const RUNS = Number(process.env.TEST_RUNS ?? 100);
const KIB = 1024;
const LINE = LIMITS.messageLine.min;

/** A message whose JSON has that many bytes, mostly in characters of two. */
function ofSize(bytes: number): ClientMessage {
	const say = (text: string) => ({ type: "say", id: "a", text }) as const;
	const left = bytes - JSON.stringify(say("")).length;
	const message = say("é".repeat(left >> 1) + "x".repeat(left & 1));
	expect(Buffer.byteLength(JSON.stringify(message))).toBe(bytes);
	return message;
}

/** How many messages each token holds. */
const counts = (tokens: string[]): readonly number[] =>
	tokens.map((each) => inside(each).messages.length);

describe("what waits", () => {
	test("goes out with the next seal, once", () => {
		const ours = client();
		expect(ours.isWaiting).toBe(false);
		ours.add(WHO);
		ours.add({ type: "leave" });
		expect(ours.isWaiting).toBe(true);
		expect(inside(sealOne(ours))).toEqual({ n: 0, messages: [WHO, { type: "leave" }] });
		expect(ours.isWaiting).toBe(false);
		expect(ours.seal()).toEqual([]);
	});

	test("nothing makes no token and takes no number", () => {
		const ours = client();
		expect(ours.seal()).toEqual([]);
		expect(inside(sealOne(ours, WHO)).n).toBe(0);
	});

	test("is sealed as it was when it was added", () => {
		const ours = client();
		const message = { type: "say" as const, id: "a", text: "first" };
		ours.add(message);
		message.text = "second";
		expect(server().open(sealOne(ours))).toEqual([{ ...message, text: "first" }]);
	});
});

describe("a channel", () => {
	const FULL = 256 * KIB;
	/** JSON of that many characters. */
	const ofLength = (chars: number): string => {
		const empty = JSON.stringify({ type: "say", id: "a", text: "" });
		return empty.replace('""', `"${"x".repeat(chars - empty.length)}"`);
	};

	test("is full once 256 Ki characters wait, and not one earlier", () => {
		const ours = client();
		for (let left = FULL - 1; left > 0; left -= 32 * KIB) {
			ours.addJson(ofLength(Math.min(left, 32 * KIB)));
			expect(ours.isFull).toBe(false);
		}
		const theirs = server();
		for (let left = FULL; left > 0; left -= 32 * KIB) {
			expect(theirs.isFull).toBe(false);
			theirs.addJson(ofLength(32 * KIB));
		}
		expect(theirs.isFull).toBe(true);
		theirs.add({ type: "pong" });
		expect(theirs.isFull).toBe(true);
	});

	test("is empty again when it has sealed what waited", () => {
		const ours = client();
		for (let round = 0; round < 2; round++) {
			ours.addJson(ofLength(FULL - 1));
			expect(ours.isFull).toBe(false);
			ours.add(WHO);
			expect(ours.isFull).toBe(true);
			expect(counts(ours.seal())).toEqual([1, 1]);
			expect([ours.isFull, ours.isWaiting]).toEqual([false, false]);
		}
	});
});

describe("a token", () => {
	test.each([
		{ messages: 64, tokens: [64] },
		{ messages: 65, tokens: [64, 1] },
		{ messages: 200, tokens: [64, 64, 64, 8] },
	])("holds at most 64 messages: $messages make $tokens", ({ messages, tokens }) => {
		const [ours, theirs] = [client(), server()];
		const said = Array.from({ length: messages }, (_, i) => {
			return { type: "say", id: `a${i}`, text: "hello" } as const;
		});
		const sealed = seal(ours, said);
		expect(counts(sealed)).toEqual(tokens);
		expect(sealed.map((each) => inside(each).n)).toEqual([...tokens.keys()]);
		expect(sealed.flatMap((each) => theirs.open(each))).toEqual(said);
	});

	test("is filled to 48 KiB of JSON, in bytes and not characters, and not by one more", () => {
		const half = ofSize(24 * KIB);
		expect(counts(seal(client(), [half, half]))).toEqual([2]);
		expect(counts(seal(client(), [half, ofSize(24 * KIB + 1)]))).toEqual([1, 1]);
		expect(counts(seal(client(), [half, half, WHO, half, half]))).toEqual([2, 2, 1]);
	});

	test("holds a longer message alone, wherever it stands among short ones", () => {
		const long = ofSize(48 * KIB + 1);
		const said = [WHO, WHO, long, WHO, long, long, WHO];
		const sealed = seal(client(), said);
		expect(counts(sealed)).toEqual([2, 1, 1, 1, 1, 1]);
		const theirs = server();
		expect(sealed.flatMap((each) => theirs.open(each))).toEqual(said);
	});
});

test("whatever is said in a turn arrives whole and in order, in lines that a server takes", () => {
	const size = fc.oneof(
		{ arbitrary: fc.integer({ min: 40, max: 200 }), weight: 20 },
		fc.integer({ min: 40, max: 49_400 }),
		fc.integer({ min: 24 * KIB - 20, max: 24 * KIB + 20 }),
	);
	const turn = fc.array(size, { maxLength: 150, size: "max" });
	const turns = fc.array(turn, { maxLength: 3, size: "max" });
	const holds = (turns: number[][]): void => {
		const [ours, theirs] = [client(), server()];
		for (const sizes of turns) {
			const said = sizes.map(ofSize);
			const sealed = seal(ours, said);
			for (const token of sealed) expect(token.length).toBeLessThanOrEqual(LINE);
			expect(sealed.flatMap((each) => theirs.open(each))).toEqual(said);
		}
	};
	fc.assert(fc.property(turns, holds), { numRuns: Math.ceil(RUNS / 4) });
});
