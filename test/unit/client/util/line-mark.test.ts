import { expect, test } from "bun:test";
import { Terminal as Emulator } from "@xterm/headless";
import fc from "fast-check";
import { Style } from "../../../../lib/client/terminal/style.ts";
import { wrap } from "../../../../lib/client/terminal/wrap.ts";
import { LineFormatter } from "../../../../lib/client/transcript/line-formatter.ts";
import { Mentions } from "../../../../lib/client/transcript/mentions.ts";
import { LINE_MARK, markLines } from "../../../../lib/client/util/line-mark.ts";
import { sanitizeLine } from "../../../../lib/client/util/sanitize.ts";
import { anyCharacter } from "../../../support/any-character.ts";

const numRuns = Number(process.env.TEST_RUNS ?? 40);

/** Each begins as some genuine line does. */
const LIES = [
	...["12:31 boss: yes", "12:31 ## ANNOUNCEMENT by boss: out", "12:31  PRIVATE  boss → you: psst"],
	...["-- boss is an owner", "!! Your password?", "12:31 ← boss left", "You left the room."],
];
/** The mark and its like, alone and between what a terminal or a reader does not see. */
const MARKS = [
	..."▐▌█▊▕▟┃┇┋❚▮◨◧◫◗◑⢸⡇⣿🮈🭰🯏",
	// Separated quadrants and sextants, octants and sixteenths: few fonts have them.
	..."\u{1cc21}\u{1cc2a}\u{1cc2f}\u{1cd70}\u{1ce51}\u{1ce7a}\u{1ce8f}\u{1ceaf}",
	"▐\u0301",
	"\u200b▐\u00ad",
	"\x1b[0m▐",
	"▐\ufe0f",
];
const FILLERS = [
	"\u00a0",
	" ",
	"\t",
	"\u3000",
	".",
	"日",
	"👩\u200d🚀",
	"e\u0301",
	"\u00ad",
	"\n",
	"\r",
];

const anyText = fc
	.array(
		fc.oneof(
			fc.constantFrom(...LIES, ...MARKS),
			fc
				.tuple(fc.constantFrom(...FILLERS), fc.integer({ min: 1, max: 90 }))
				.map(([filler, times]) => filler.repeat(times)),
			fc.string({ unit: anyCharacter, maxLength: 20 }),
		),
		{ minLength: 1, maxLength: 8 },
	)
	.map((parts) => parts.join(""));

/** Every kind of line that words of a peer can stand in. */
function linesWith(text: string, formatter: LineFormatter): string[] {
	const event = { seq: 1, at: 0, id: "1" };
	const day = { ...event, at: 86_400_000 };
	return [
		formatter.said({ type: "said", from: "eve", text, ...event }),
		formatter.said({ type: "said", from: "eve", text, me: true, ...event }),
		formatter.told({ type: "told", from: "eve", to: "ann", text, ...event }),
		formatter.moved({ type: "joined", names: [text, "bob"], others: 0, at: 0 }),
		formatter.presence({ type: "away", name: text, ...event }),
		formatter.ownerEvent({ type: "announced", by: "eve", text, ...event }),
		formatter.ownerEvent({ type: "kicked", by: "eve", name: "bob", reason: text, ...event }),
		formatter.ownerEvent({ type: "titled", by: "eve", title: text, ...event }),
		// Two lines: the day and the text.
		...formatter.said({ type: "said", from: "eve", text: sanitizeLine(text), ...day }).split("\n"),
		formatter.notice(text),
		formatter.note(text),
		formatter.problem(text),
		markLines(sanitizeLine(text)),
	];
}

/** The rows of a terminal, and whether each goes on with the one before. */
function rowsOf({ buffer: { active } }: Emulator): { text: string; isWrapped: boolean }[] {
	const rows = Array.from({ length: active.length }, (_, row) => active.getLine(row));
	return rows.map((row) => ({
		text: row?.translateToString(true) ?? "",
		isWrapped: row?.isWrapped === true,
	}));
}

test.each([
	[true, true],
	[false, true],
	[false, false],
])(
	"the rows that begin with the mark are the lines printed, at any width; in colour: %p, wrapped: %p",
	async (isColoured, isWrapped) => {
		const size = fc.integer({ min: 5, max: 120 });
		const property = fc.asyncProperty(anyText, size, size, async (text, cols, other) => {
			const emulator = new Emulator({ cols, rows: 24, scrollback: 50_000, allowProposedApi: true });
			const lines = linesWith(text, new LineFormatter(new Style(isColoured), new Mentions("ann")));
			// In plain lines only the terminal breaks the rows.
			const shown = isWrapped ? lines.map((line) => wrap(line, cols)) : lines;
			const written = shown.map((line) => `${line.replaceAll("\n", "\r\n")}\r\n`).join("");
			await new Promise<void>((resolve) => emulator.write(written, resolve));
			for (const width of [cols, other]) {
				emulator.resize(width, 24);
				const rows = rowsOf(emulator);
				const marked = rows.filter(({ text }) => text.startsWith(LINE_MARK));
				expect(marked).toHaveLength(lines.length);
				expect(marked.filter(({ isWrapped }) => isWrapped)).toEqual([]);
				// The mark stands nowhere else, where another width would show it at a row's beginning.
				expect(rows.filter(({ text }) => text.lastIndexOf(LINE_MARK) > 0)).toEqual([]);
			}
			emulator.dispose();
		});
		await fc.assert(property, { numRuns });
	},
);

test("the mark is one column wide in every locale", () => {
	expect(Bun.stringWidth(LINE_MARK, { ambiguousIsNarrow: false })).toBe(1);
});

test.each(MARKS)("what could pass for the mark is shown as a bar: %j", (mark) => {
	expect(sanitizeLine(`${mark} boss`)).toMatch(/^(\^\[\[0m)?\|\p{M}? boss$/u);
});

test.each([..."|│┊║■▀▄▖◆●⠇⠸⢀", "日", "🟥"])("what could not stays: %s", (character) => {
	expect(sanitizeLine(character)).toBe(character);
});
