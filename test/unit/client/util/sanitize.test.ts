import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { sanitize, sanitizeLine } from "../../../../lib/client/util/sanitize.ts";
import { anyCharacter } from "../../../support/any-character.ts";
import { growth, MAX_GROWTH } from "../../../support/growth.ts";

const numRuns = Number(process.env.TEST_RUNS ?? 200);

describe("what people write survives as it is", () => {
	const texts: [what: string, text: string][] = [
		["ASCII", "Hello, world! ~^_`{|}"],
		["newlines", "one\ntwo\n\nthree"],
		["accents in one character", "Zoë, naïve, Ångström, ñ"],
		["accents apart", "e\u0301 a\u0308 o\u0302\u0301 q\u0307\u0323"],
		["Chinese, Japanese, Korean", "你好 日本語の文章 한국어 カ\u3099"],
		["Greek, Cyrillic, Hebrew, Arabic", "γειά σου, привет, שָׁלוֹם, مَرْحَبًا"],
		["Persian with its non-joiner", "می\u200cخواهم، خانه\u200cها"],
		["Hindi with joiners", "नमस्ते क्\u200dष क्\u200cष"],
		["Thai, Tamil, Tibetan", "สวัสดี வணக்கம் བོད་ཡིག"],
		["emoji of one code point", "🦜 🌍 😀"],
		["emoji with a look asked for", "❤\ufe0f ☎\ufe0e 1\ufe0f\u20e3"],
		["skin", "👍🏽 👋🏿"],
		["families", "👨\u200d👩\u200d👧\u200d👦 👩🏽\u200d❤\ufe0f\u200d💋\u200d👨🏿"],
		["professions", "👩🏽\u200d🚀 🧑\u200d⚕\ufe0f 🏃🏽\u200d♀\ufe0f"],
		["flags", "🇩🇪🇫🇷 🏳\ufe0f\u200d🌈 🏴\u200d☠\ufe0f"],
		["mathematics and money", "∑ ≠ √2 € ₹ ½"],
		["spaces of all kinds", "a\u00a0b\u2003c\u3000d"],
		["a text that looks like one that was cleaned", "^[[31m <9b>"],
	];
	test.each(texts)("%s", (_, text) => {
		expect(sanitize(text)).toBe(text);
	});
});

describe("what a terminal could obey, or nobody can see, does not", () => {
	const texts: [what: string, text: string, shown: string][] = [
		["NUL, BEL, ESC, CR, DEL", "\0\x07\x1b\r\x7f", "^@^G^[^M^?"],
		["tab", "a\tb", "a    b"],
		["C1", "\x80\x85\x9b\x9f", "<80><85><9b><9f>"],
		["C1 next to what its bytes look like in UTF-8", "é\x9bÂ", "é<9b>Â"],
		["bidi controls", "a\u061cb\u200ec\u200fd\u202ae\u202ef\u2066g\u2069h", "abcdefgh"],
		["zero width", "a\u200bb\u2060c\ufeffd\u00ade\u034ff", "abcdef"],
		["blank fillers", "a\u115fb\u1160c\u3164d\uffa0e\u2800f", "abcdef"],
		["line separators", "a\u2028b\u2029c", "abc"],
		["half a character", "a\ud83db\udc00c", "abc"],
		["joiners between letters that do not join", "pay\u200dpal pay\u200cpal", "paypal paypal"],
		[
			"joiners behind an accent, which joins nothing",
			"e\u0301\u200cb e\u0301\u200db",
			"e\u0301b e\u0301b",
		],
		["joiners at the ends of emoji", "\u200d😀\u200d", "😀"],
		["joiners between emoji and letters", "😀\u200da\u200d😀", "😀a😀"],
		["joiners in a row", "👩\u200d\u200d🚀", "👩🚀"],
		["joiners at the end of a Persian word", "خانه\u200c", "خانه"],
		["marks of lines", "▐ a ▌ b █ c", "| a | b | c"],
		["a mark of two units before what is joined", "🮈👩\u200d🚀", "|👩\u200d🚀"],
		["a secret in tags", "🏴\u{e0067}\u{e0062}\u{e007f}", "🏴"],
		["many marks", `a${"\u0301".repeat(9)}b`, `a${"\u0301".repeat(4)}b`],
		[
			"marks with something unseen between",
			`a${"\u0301\u0302\u0303\u200b".repeat(3)}`,
			"a\u0301\u0302\u0303\u0301",
		],
		["letters that are not there", "a\u17b4b\u17b5c", "abc"],
	];
	test.each(texts)("%s", (_, text, shown) => {
		expect(sanitize(text)).toBe(shown);
	});
});

const forbidden =
	/[^\P{Cc}\n]|\p{Cs}|[\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]/u;

test("whatever comes, nothing forbidden is left, and cleaning again changes nothing", () => {
	const anyText = fc.oneof(
		fc.string({ unit: anyCharacter }),
		fc
			.array(fc.constantFrom(..."a\u0301\u200c\u200d\u202e\u200b👩🚀خ\x1b\n\x9b\ud83d\ufe0f"))
			.map((parts) => parts.join("")),
	);
	fc.assert(
		fc.property(anyText, (text) => {
			const cleaned = sanitize(text);
			expect(cleaned).not.toMatch(forbidden);
			expect(cleaned).not.toMatch(/\p{M}{5}/u);
			expect(sanitize(cleaned)).toBe(cleaned);
		}),
		{ numRuns },
	);
});

test("a name or a sentence is one line", () => {
	expect(sanitizeLine("a\nb\r\n\x1bc")).toBe("a b^M ^[c");
});

test.each(["x", "\x1b", "\u200d", "👩\u200d🚀", "e\u0301\u0301\u0301\u0301\u0301", "\u0301"])(
	"a long text of %j is gone through once",
	(piece) => {
		const grown = growth((size) => {
			sanitize(piece.repeat(size / Buffer.byteLength(piece)));
		});
		expect(grown).toBeLessThan(MAX_GROWTH);
	},
);
