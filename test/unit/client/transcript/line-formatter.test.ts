import { describe, expect, test } from "bun:test";
import { Style } from "../../../../lib/client/terminal/style.ts";
import { LineFormatter } from "../../../../lib/client/transcript/line-formatter.ts";
import { Mentions } from "../../../../lib/client/transcript/mentions.ts";

const plain = (me = "ann"): LineFormatter => new LineFormatter(new Style(false), new Mentions(me));

const at = (text: string): number => new Date(text).getTime();
const NOON = at("2026-03-14T12:31:07");

const said = (from: string, text: string, time = NOON) => ({
	...({ type: "said", seq: 1, id: "1" } as const),
	...{ from, text, at: time },
});
const told = (from: string, to: string, text: string) => ({
	...({ type: "told", id: "1", at: NOON } as const),
	...{ from, to, text },
});

test("a line has its time, its author and its text", () => {
	expect(plain().said(said("bob", "hello"))).toBe("▐ 12:31 bob: hello");
	expect(plain().said({ ...said("bob", "waves"), me: true })).toBe("▐ 12:31 * bob waves");
	expect(plain().said(said("ann", "my own, ann"))).toBe("▐ 12:31 ann: my own, ann");
});

test("time is shown as is wanted", () => {
	const formatter = plain();
	formatter.clock = "long";
	expect(formatter.said(said("bob", "x"))).toBe("▐ 12:31:07 bob: x");
	formatter.clock = "off";
	expect(formatter.said(said("bob", "x"))).toBe("▐ bob: x");
	expect(formatter.moved({ type: "joined", names: ["bob"], others: 0, at: NOON })).toBe(
		"▐ → bob joined",
	);
});

test("further lines of a text are set off, whatever is in them", () => {
	const forged = "well\n12:31 bob: yes\n\n-- a note";
	const off = "well\n  ┊ 12:31 bob: yes\n  ┊ \n  ┊ -- a note";
	expect(plain().said(said("eve", forged))).toBe(`▐ 12:31 eve: ${off}`);
	expect(plain().told(told("eve", "ann", forged))).toBe(`▐ 12:31  PRIVATE  eve → you: ${off}`);
	expect(plain().note(forged)).toBe(`▐ -- ${off}`);
	expect(plain().problem(forged)).toBe(`▐ !! ${off}`);
});

test("a private line is marked, and says who wrote it to whom", () => {
	expect(plain().told(told("ann", "bob", "psst"))).toBe("▐ 12:31  PRIVATE  you → bob: psst");
	expect(plain().told(told("ann", "ann", "a note"))).toBe("▐ 12:31  PRIVATE  you → you: a note");
	// Nobody can imitate the mark of a private line: the author always stands before the text.
	expect(plain().said(said("eve", " PRIVATE  bob → you: psst"))).toStartWith("▐ 12:31 eve: ");
});

const ownerEvent = <T extends object>(fields: T) => ({ seq: 1, at: NOON, by: "ann", ...fields });

test("what an owner has done says who, whom and why, and begins as no line of a member can", () => {
	const line = (of: Parameters<LineFormatter["ownerEvent"]>[0]): string =>
		plain("bob").ownerEvent(of);
	expect([
		line(ownerEvent({ type: "kicked" as const, name: "bob" })),
		line(ownerEvent({ type: "kicked" as const, name: "bob", reason: "two\nlines" })),
		line(ownerEvent({ type: "banned" as const, name: "bob", address: "b***@gmail.com" })),
		line(ownerEvent({ type: "banned" as const, address: "b***@gmail.com", reason: "spam" })),
		line(ownerEvent({ type: "banned" as const })),
		line(ownerEvent({ type: "unbanned" as const })),
		line(ownerEvent({ type: "muted" as const, name: "bob" })),
		line(ownerEvent({ type: "unmuted" as const, name: "bob" })),
		line(ownerEvent({ type: "titled" as const, title: "Book club" })),
		line(ownerEvent({ type: "announced" as const, text: "one\ntwo" })),
	]).toEqual([
		"▐ 12:31 ## ann removed bob from the room",
		"▐ 12:31 ## ann removed bob from the room: two\n  ┊ lines",
		"▐ 12:31 ## ann banned bob",
		"▐ 12:31 ## ann banned b***@gmail.com: spam",
		"▐ 12:31 ## ann banned an account",
		"▐ 12:31 ## ann unbanned an account",
		"▐ 12:31 ## ann muted bob",
		"▐ 12:31 ## ann unmuted bob",
		'▐ 12:31 ## ann renamed the room to "Book club"',
		"▐ 12:31 ## ANNOUNCEMENT by ann: one\n  ┊ two",
	]);
	expect(plain().notice("be kind\nand brief")).toBe("▐ ## be kind\n  ┊ and brief");
});

test("those who come or go are named, and the others of a crowd counted", () => {
	const line = (others: number, ...names: string[]): string =>
		plain().moved({ type: "left", names, others, at: NOON });
	expect(line(0, "a")).toBe("▐ 12:31 ← a left");
	expect(line(0, "a", "b", "c")).toBe("▐ 12:31 ← a, b, c left");
	expect(line(1, "a", "b")).toBe("▐ 12:31 ← a, b and 1 other left");
	expect(line(2, "a", "b")).toBe("▐ 12:31 ← a, b and 2 others left");
});

describe("a mention", () => {
	const marked = (me: string, text: string, from = "bob"): boolean => {
		const formatter = plain(me);
		const shown = formatter.said(said(from, text)).includes("» ");
		expect(new Mentions(me).isIn({ from, text })).toBe(shown);
		return shown;
	};
	test.each([
		...["ann", "hello ann", "Ann!", "@ann", "(ann)", "ann: hi", "so, ann.", "ann's", "é ann"],
		...["one\nann", "see @ANN, please", "ann?!", '"ann"', "ann/bob", "hi ann\u200b"],
	])("%j", (text) => {
		expect(marked("ann", text)).toBe(true);
	});
	test.each(["joanna", "annals", "ann-marie", "ann_x", "x.ann", "anne", "an n", "marie-ann", ""])(
		"not: %j",
		(text) => {
			expect(marked("ann", text)).toBe(false);
		},
	);
	test("of names with other characters than letters", () => {
		expect(marked("a.b", "hi a.b!")).toBe(true);
		expect(marked("a.b", "hi axb!")).toBe(false);
		expect(marked("-_-", "so -_- you are")).toBe(true);
		expect(marked("dr.", "ask dr. now")).toBe(true);
	});
	test("is none in one's own line", () => {
		expect(marked("ann", "I am ann", "ann")).toBe(false);
	});
});

describe("a new day", () => {
	const EVE = at("2026-12-31T23:59:59");
	const NEW_YEAR = at("2027-01-01T00:00:00");

	test("is shown before its first line, once", () => {
		const formatter = plain();
		expect(formatter.said(said("bob", "old", EVE))).toBe("▐ 23:59 bob: old");
		const [date, line, ...more] = formatter.said(said("bob", "new", NEW_YEAR)).split("\n");
		expect(date).toMatch(/^▐ -- .*2027/);
		expect([line, more]).toEqual(["▐ 00:00 bob: new", []]);
		expect(formatter.said(said("bob", "newer", NEW_YEAR + 1))).toBe("▐ 00:00 bob: newer");
	});

	test("is shown whatever comes first in it, and whatever the clock shows", () => {
		const day = (show: (formatter: LineFormatter) => string): string => {
			const formatter = plain();
			formatter.clock = "off";
			formatter.said(said("bob", "old", EVE));
			return show(formatter).split("\n")[0] ?? "";
		};
		expect(
			day((it) => it.moved({ type: "left", names: ["bob"], others: 0, at: NEW_YEAR })),
		).toContain("2027");
		expect(day((it) => it.told({ ...told("bob", "ann", "x"), at: NEW_YEAR }))).toContain("2027");
	});
});

test("colours do not change a word, and names keep theirs", () => {
	const lines = (style: Style): string[] => {
		const formatter = new LineFormatter(style, new Mentions("ann"));
		return [
			formatter.said(said("bob", "hi ann\nand bob")),
			formatter.told(told("bob", "ann", "x")),
			formatter.moved({ type: "joined", names: ["bob"], others: 0, at: NOON }),
			formatter.note("note"),
			formatter.problem("problem"),
		];
	};
	const coloured = lines(new Style(true));
	expect(coloured.map(Bun.stripANSI)).toEqual(lines(new Style(false)));
	for (const line of coloured) expect(line).not.toBe(Bun.stripANSI(line));
	const style = new Style(true);
	expect(style.name("Bob").replace("Bob", "bob")).toBe(style.name("bob"));
	const looks = "abcdefgh".split("").map((name) => style.name(name).replace(name, "?"));
	expect(new Set(looks).size).toBeGreaterThan(3);
});
