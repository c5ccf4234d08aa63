import { expect, test } from "bun:test";
import fc from "fast-check";
import { anyCharacter } from "../../../support/any-character.ts";
import { keysOf } from "./decoded-keys.ts";

// Any input, cut anywhere.

const numRuns = Number(process.env.TEST_RUNS ?? 200);
const PIECES = "[ ] O P M A ~ $ ; 1 200~ é 👍🏽".split(" ").concat("\ud83d", "\ude00");
const CONTROLS = "\x1b \x1b[200~ \x1b[201~ \x1b[M \x1b[[ \x07 \r \x03 \x9b \x9c \x85".split(" ");

const anyInput = fc
	.array(
		fc.oneof(
			fc.constantFrom(...PIECES, ...CONTROLS),
			fc.string({ unit: anyCharacter, maxLength: 3 }),
		),
	)
	.map((pieces) => pieces.join(""));

test("any string, cut anywhere, gives the same keys", () => {
	fc.assert(
		fc.property(anyInput, fc.array(fc.nat({ max: 60 })), (input, places) => {
			const cuts = [0, ...places.sort((a, b) => a - b), input.length];
			const chunks = cuts.map((cut, i) => input.slice(cut, cuts[i + 1]));
			const inOrder = chunks.slice(0, -1);
			expect(keysOf(inOrder)).toEqual(keysOf([input]));
		}),
		{ numRuns },
	);
});

test("no string makes text with a control character or half a character", () => {
	fc.assert(
		fc.property(anyInput, (input) => {
			for (const typed of keysOf([input])) {
				if (typed.type === "text") expect(typed.text).toMatch(/^[^\p{Cc}\p{Cs}]+$/u);
				if (typed.type === "paste") expect(typed.text).toMatch(/^(?:[\n\t]|[^\p{Cc}\p{Cs}])+$/u);
			}
		}),
		{ numRuns },
	);
});

/** What ECMA-48 lets a terminal send, except three openings with another use and reported keys. */
const anyControl = fc
	.stringMatching(/^[0-?]{0,40}[ -/]{0,3}[@-~]$/)
	.filter((body) => !/^(?:[[M]|\d+\$|200~|[\d:;]+u$|27;\d+;\d+~$)/.test(body));

test("no control sequence leaves anything in the text around it", () => {
	fc.assert(
		fc.property(anyControl, (body) => {
			const typed = keysOf([`a\x1b[${body}b`]).filter(({ type }) => type !== "key");
			expect(typed.map((part) => (part.type === "text" ? part.text : "")).join("")).toBe("ab");
		}),
		{ numRuns },
	);
});
