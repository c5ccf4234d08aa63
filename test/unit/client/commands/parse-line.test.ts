import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { commandNames } from "../../../../lib/client/commands/commands.ts";
import { completions } from "../../../../lib/client/commands/completion.ts";
import { destination } from "../../../../lib/client/commands/destination.ts";
import { parseLine } from "../../../../lib/client/commands/parse-line.ts";
import { isBlank } from "../../../../lib/util/invisible.ts";
import { asked } from "./asked.ts";

// The prompt's label, completion and execution must agree on whom a line goes to.

const numRuns = Number(process.env.TEST_RUNS ?? 1000);

/** The member that wrote to us last. */
const SENDER = "carl";
const ROOM = { visits: { names: ["ann", "bob", "Bill", "carl"] }, name: "ann", isOwner: true };

/** The member that the prompt names for a line; "nobody" for a command. */
function promised(line: string, replyTo: string | null = SENDER): string {
	const { isPrivate, label } = destination(line, replyTo);
	const shown = /^to (\S+) only$/.exec(label)?.[1];
	expect(isPrivate).toBe(shown !== undefined);
	if (shown !== undefined) return shown;
	return label === "to all" ? "all" : "nobody";
}

/** The member that gets a submitted line; "nobody" for a line that is not said. */
function done(line: string, replyTo: string | null = SENDER): string {
	const [call, ...more] = asked(line.trimEnd(), true);
	if (call?.[0] === "say") return "all";
	if (call?.[0] === "tell") return String(call[1]);
	if (call?.[0] === "reply") return replyTo ?? "nobody";
	// At most the command's own request and a notice about it.
	expect(more.length).toBeLessThan(2);
	return "nobody";
}

describe("the recipient of a line, in the prompt and on the wire", () => {
	const table: [line: string, reader: string, call: unknown[]][] = [
		["hello", "all", ["say", "hello", false]],
		["  hello", "all", ["say", "  hello", false]],
		["one\n/tell bob two", "all", ["say", "one\n/tell bob two", false]],
		["//tell bob x", "all", ["say", "/tell bob x", false]],
		["// x", "all", ["say", "/ x", false]],
		["/me waves", "all", ["say", "waves", true]],
		["/me\nwaves", "all", ["say", "waves", true]],
		["/tell bob x", "bob", ["tell", "bob", "x"]],
		["/tell @bob x", "bob", ["tell", "bob", "x"]],
		["/tell  bob\nx", "bob", ["tell", "bob", "x"]],
		["/tell\tbob x", "bob", ["tell", "bob", "x"]],
		["/tell bob: x", "bob:", ["tell", "bob:", "x"]],
		["/reply x", SENDER, ["reply", "x"]],
		["/reply @bob x", SENDER, ["reply", "@bob x"]],
		["/reply\nx", SENDER, ["reply", "x"]],
		["/who", "nobody", ["who"]],
		["/ignore bob", "nobody", ["ignore", "bob"]],
		["/kick bob", "nobody", ["ask", { type: "kick", name: "bob", reason: undefined }]],
		["/announce x", "nobody", ["ask", { type: "announce", text: "x" }]],
		["/tell", "nobody", ["giveBack", "Usage: /tell NAME TEXT"]],
		["/tell bob", "nobody", ["giveBack", "Usage: /tell NAME TEXT"]],
		["/tell @ x", "nobody", ["giveBack", "Usage: /tell NAME TEXT"]],
		["/tell @@bob x", "nobody", ["giveBack", "Usage: /tell NAME TEXT"]],
		["/reply", "nobody", ["giveBack", "Usage: /reply TEXT"]],
		["/me", "nobody", ["giveBack", "Usage: /me TEXT"]],
		["/TELL bob x", "bob", ["tell", "bob", "x"]],
		["/Msg bob x", "bob", ["tell", "bob", "x"]],
		["/telling bob x", "nobody", ["giveBack", expect.stringContaining("/telling")]],
		["/ tell bob x", "nobody", ["giveBack", expect.any(String)]],
		["\ufeff/tell bob x", "bob", ["tell", "bob", "x"]],
		["\u200b/tell bob x", "bob", ["tell", "bob", "x"]],
		["\u202e\u2066/tell bob x", "bob", ["tell", "bob", "x"]],
		["\u00ad\u200d\ufe0f/reply x", SENDER, ["reply", "x"]],
		["  /tell bob x", "bob", ["tell", "bob", "x"]],
		["\u00a0\u3000\t/tell bob x", "bob", ["tell", "bob", "x"]],
		["\n\u2028/tell bob x", "bob", ["tell", "bob", "x"]],
		["\u2800\u3164/tell bob x", "bob", ["tell", "bob", "x"]],
		["\0\x07\x9b/tell bob x", "bob", ["tell", "bob", "x"]],
		["\u{e0001}/tell bob x", "bob", ["tell", "bob", "x"]],
		["/\u200btell\ufeff \u200e@bob\u200f x", "bob", ["tell", "bob", "x"]],
		["/ignore \ufeffbob\u200b", "nobody", ["ignore", "bob"]],
		["/tell \u2800bob x", "bob", ["tell", "bob", "x"]],
		["/tell b\u2800ob\u2800 x", "bob", ["tell", "bob", "x"]],
		["/te\u2800ll bob x", "bob", ["tell", "bob", "x"]],
		["\ufeff/secret", "nobody", ["giveBack", expect.stringContaining(" /secret.")]],
		["\ufeff//tell bob x", "all", ["say", "/tell bob x", false]],
		["/\u200b/tell bob x", "all", ["say", "/tell bob x", false]],
		["/tell bob \u200bx 👩\u200d👧", "bob", ["tell", "bob", "\u200bx 👩\u200d👧"]],
		["\u200bhello", "all", ["say", "\u200bhello", false]],
	];
	test.each(table)("%j", (line, reader, call) => {
		expect([promised(line), done(line)]).toEqual([reader, reader]);
		expect(asked(line, true)).toEqual([call]);
	});

	test.each(["/tell bob \u200b", "/me \ufeff", "/announce \u2800\u00ad"])(
		"%j lacks a text",
		(line) => {
			expect(asked(line, true)).toEqual([["giveBack", expect.stringMatching(/^Usage: /)]]);
		},
	);

	test("a reply to nobody is for nobody", () => {
		expect([promised("/reply x", null), done("/reply x", null)]).toEqual(["nobody", "nobody"]);
	});

	test("the recipient is shown as soon as the text can begin", () => {
		expect(["/tell bob ", "/reply ", "/me "].map((line) => promised(line))).toEqual([
			"bob",
			SENDER,
			"all",
		]);
	});

	const unseen = ["\ufeff", "\u200b", "\u202e", "\u00a0", "\ufe0f", "\u2800", "\0"];
	const words = ["/", "@", "tell", "reply", "me", "who", "kick", "bob", "x", " ", "\n", "\t"];
	const pieces = [...words, ...unseen];
	const anyLine = fc.array(fc.constantFrom(...pieces)).map((parts) => parts.join(""));
	test("whatever is typed: it is never said to somebody that the prompt did not show", () => {
		fc.assert(
			fc.property(anyLine, fc.constantFrom(SENDER, null), (line, replyTo) => {
				fc.pre(!isBlank(line));
				const [shown, reader] = [promised(line, replyTo), done(line, replyTo)];
				// The prompt may show a recipient early, while the line still lacks a text.
				if (reader !== shown) expect([reader, parseLine(line).text]).toEqual(["nobody", ""]);
				// What is said to all does not look like a command.
				const seen = line.replaceAll(/[^\x21-\x7e \n\t]|^\s+/g, "").trimStart();
				if (reader === "all") expect(seen).toMatch(/^([^/]|\/\/|\/me)/);
			}),
			{ numRuns },
		);
	});
});

describe("what Tab makes of a line is what is then done", () => {
	const table: [before: string, ...completed: string[]][] = [
		["/te", "/tell "],
		["\ufeff /te", "/tell "],
		["/re", "/reply "],
		["/WHO", "/who ", "/whois "],
		["/q", "/quit "],
		["/tell ", "Bill ", "bob ", "carl "],
		["/tell b", "Bill ", "bob "],
		["/tell @b", "@Bill ", "@bob "],
		["/ignore ", "Bill ", "bob ", "carl "],
		["/unmute ", "Bill ", "bob ", "carl "],
		["/tell bob "],
		["/ignore bob "],
		["/unban "],
		["/reply "],
		["/who "],
		["//te"],
		["hello "],
		["hello b", "Bill ", "bob "],
		["/tell bob ask c", "carl "],
		["/nothing"],
	];
	test.each(table)("%j", (before, ...completed) => {
		expect(completions(before, ROOM).words).toEqual(completed);
	});

	test("a command that was completed is one", () => {
		expect(completions("/", ROOM).words).toEqual(commandNames(true).map((name) => `${name} `));
		for (const completed of completions("/", ROOM).words) {
			expect(parseLine(completed).command?.name).toBe(completed.slice(1, -1));
		}
		expect(completions("/k", { ...ROOM, isOwner: false }).words).toEqual([]);
	});

	test.each(["/tell ", "/tell @"])("a name completed after %j is who gets the text", (before) => {
		const { words } = completions(before, ROOM);
		expect(words).toHaveLength(3);
		for (const word of words) {
			const line = `${before.replace("@", "")}${word}x`;
			const name = word.replace("@", "").trim();
			expect([promised(line), done(line)]).toEqual([name, name]);
		}
	});
});

describe("what stands before a slash and shows nothing makes no text of a command", () => {
	const isCommand = (line: string): boolean => parseLine(line).name === "tell";

	test("no code point that is as wide as nothing, or has no glyph", () => {
		const fooled: string[] = [];
		const extra = [0x16fe4, 0x1d159, 0xe000, 0xf8ff, 0x2800, 0x1160, 0x11ff, 0xd7b0, 0xd7fb];
		for (let code = 1; code <= 0x10ffff; code++) {
			const character = String.fromCodePoint(code);
			// A few letters are as wide as nothing only to the runtime.
			const hasNoWidth = Bun.stringWidth(character) === 0 && !/\p{L}/u.test(character);
			const isUnseen = hasNoWidth || extra.includes(code);
			if (isUnseen && !isCommand(`${character}/tell bob secret`)) fooled.push(code.toString(16));
		}
		expect(fooled).toEqual([]);
	});

	test.each(["／", "⁄", "∕", "⧸", " ／", "\u0301／"])(
		"%j is a slash to whoever reads it",
		(slash) => {
			expect(isCommand(`${slash}tell bob secret`)).toBe(true);
		},
	);

	test.each(["n\u0301/tell bob x", "./tell bob x", "é/x", "한/tell bob x", "\u0301hello"])(
		"%j is a text, because something else is seen first",
		(line) => {
			expect(parseLine(line)).toMatchObject({ name: null, text: line });
		},
	);
});
