import { describe, expect, test } from "bun:test";
import type { Key } from "../../../../lib/client/keyboard/key-decoder.ts";
import type { InputAction } from "../../../../lib/client/terminal/prompt.ts";
import { key, LARGE, open, openAt, PASTED, paste, submit, text } from "./prompt-harness.ts";

describe("a question that a command asks", () => {
	/** A prompt, its time, and what was answered. */
	function asking(text = "Close the room?") {
		const answers: string[] = [];
		const clock = { now: 10_000 };
		const { editor, prompt } = openAt(() => clock.now);
		prompt.ask({ text, yes: () => answers.push("yes"), no: () => answers.push("no") });
		return { answers, clock, editor, prompt, shown: () => prompt.view(80, 24).rows.join("") };
	}

	test("offers its answers once there was the time to read it, and then takes one", () => {
		const { answers, clock, prompt, editor, shown } = asking();
		expect([shown(), prompt.viewChangesIn]).toEqual(["Close the room? ", 500]);
		for (const early of [text("y"), key("enter"), text("yes"), key("tab")]) prompt.press(early);
		clock.now += 499;
		prompt.press(text("Y"));
		expect([answers, prompt.viewChangesIn]).toEqual([[], 500]);
		clock.now += 500;
		expect([shown(), prompt.viewChangesIn]).toEqual(["Close the room? [y/n] ", 0]);
		for (const none of [key("enter"), text("yeah"), paste("y"), text("x")]) prompt.press(none);
		expect([answers, editor.text]).toEqual([[], ""]);
		prompt.press(text("Y"));
		expect([answers, editor.text]).toEqual([["yes"], "y\nyesY"]);
		prompt.press(text("y"));
		expect([answers, editor.text]).toEqual([["yes"], "y\nyesYy"]);
	});

	/** Answers once the question can be read, with 100 ms from key to key. */
	function answer(...keys: Key[]) {
		const { answers, clock, prompt, editor } = asking();
		clock.now += 500;
		const actions = keys.map((each) => {
			clock.now += 100;
			return prompt.press(each);
		});
		return { answers, line: editor.text, actions: actions.filter((action) => action !== null) };
	}

	const letters = (word: string): Key[] => Array.from(word, text);
	test.each<[what: string, keys: Key[], answers: string[]]>([
		["no", letters("no"), ["no"]],
		["NO", letters("NO"), ["no"]],
		["yes", letters("yes"), ["yes"]],
		["n", letters("n"), ["no"]],
		["y", letters("y"), ["yes"]],
		["no at once", [text("no")], ["no"]],
		["yes at once", [text("Yes")], ["yes"]],
		["ye and s", [text("ye"), text("s")], ["yes"]],
	])("the whole word and Enter answer, and say nothing: %s", (_, keys, answers) => {
		expect(answer(...keys, key("enter"))).toEqual({ answers, line: "", actions: [] });
		const said: unknown = answer(...keys, key("enter"), text("o"), key("enter"));
		expect(said).toEqual({ answers, line: "", actions: [submit("o")] });
	});

	test.each<[keys: Key[], line: string]>([
		[[...letters("yeast")], "east"],
		[[...letters("now")], "ow"],
		[[text("n"), text("ok")], "ok"],
		[[text("y"), text("x")], "x"],
		[[text("n"), paste("o")], "o"],
		[[text("n"), key("left"), text("o")], "o"],
		[[key("escape"), text("o")], "o"],
	])("what else follows is on the line: %j", (keys, line) => {
		expect(answer(...keys)).toMatchObject({ line, actions: [] });
	});

	test("Enter sends a paste right after the y to it, but nothing that was typed ahead", () => {
		const clock = { now: 10_000 };
		const { prompt } = openAt(() => clock.now);
		const answered = (...before: Key[]): InputAction[] => {
			for (const each of before) prompt.press(each);
			clock.now += 500;
			prompt.press(text("y"));
			return [prompt.press(key("enter")), prompt.press(key("enter"))];
		};
		expect(answered(paste(LARGE))[0]).toEqual(submit(LARGE.trimEnd()));
		const later: unknown = answered(paste(LARGE), text("so"));
		expect(later).toEqual([null, submit(`${LARGE}so`)]);
	});

	test("is taken back as a no, but none in the place of another, nor one that was answered", () => {
		const { answers, clock, prompt, editor } = asking();
		const other = { text: "Other?", yes: () => {}, no: () => answers.push("other") };
		prompt.press(text("typed ahead"));
		prompt.withdraw(other);
		expect([answers, editor.text]).toEqual([[], ""]);
		prompt.withdraw();
		expect([answers, editor.text]).toEqual([["no"], "typed ahead"]);
		prompt.ask(other);
		clock.now += 500;
		prompt.press(text("y"));
		prompt.withdraw(other);
		prompt.withdraw();
		expect(answers).toEqual(["no"]);
	});

	test("a word is no part of the answer after some time", () => {
		const { clock, prompt } = asking();
		clock.now += 500;
		prompt.press(text("n"));
		clock.now += 2000;
		prompt.press(text("o"));
		expect(prompt.press(key("enter"))).toEqual(submit("o"));
	});

	test.each<[keys: Key[], line: string]>([
		[
			[key("enter"), ...letters("hello"), key("enter"), ...letters("world"), key("enter")],
			"hello\nworld\n",
		],
		[[paste("one\ntwo"), text("!")], "one\ntwo!"],
		[[...letters("helloo"), key("backspace"), text(",")], "hello,"],
		[[key("backspace"), key("left"), key("tab"), text("日本")], "日本"],
	])("what is typed ahead is on the line after either answer: %j", (keys, line) => {
		for (const last of [text("y"), text("n"), key("escape")]) {
			const { answers, clock, prompt, editor } = asking();
			for (const each of keys) prompt.press(each);
			clock.now += 500;
			prompt.press(last);
			expect([answers.length, editor.text]).toEqual([1, line]);
		}
	});

	test.each([text("n"), text("N"), key("escape"), key("ctrl-c"), key("ctrl-g")])("no: %j", (no) => {
		const { answers, clock, prompt } = asking();
		clock.now += 500;
		expect([prompt.press(no), answers]).toEqual([null, ["no"]]);
	});

	test.each([
		[
			30,
			"Ban bob (b***@gmail.com)? The account is removed.",
			["Ban bob (b***@gmail.com)? The", "┊ account is removed. [y/n] "],
		],
		[
			20,
			"Ban somebody@gmail.com? The account is removed.",
			["Ban ", "┊ somebody@gmail.co", "┊ m? The account is", "┊ removed. [y/n] "],
		],
		[14, "Remove 日本 日本?", ["Remove 日本", "┊ 日本? [y/n]"]],
		[
			12,
			`Ban ${"a".repeat(20)}? Yes.`,
			["Ban ", "┊ aaaaaaaaa", "┊ aaaaaaaaa", "┊ aa? Yes.", "┊ [y/n] "],
		],
	])("is broken between its words, and shown whole, at %d columns", (columns, question, rows) => {
		const { prompt, clock } = asking(question);
		clock.now += 500;
		const seen = prompt.view(columns, 24);
		expect(seen.rows.map((row) => row.trimEnd())).toEqual(rows.map((row) => row.trimEnd()));
		expect([seen.cursorRow, seen.beforeCursor]).toEqual([rows.length - 1, rows.at(-1) ?? ""]);
	});
});

describe("a line that was not sent", () => {
	test("comes back, and Enter sends it only after another key", () => {
		const { prompt, editor } = open();
		prompt.giveBack("/tell bbo x");
		expect(editor.text).toBe("/tell bbo x");
		expect(prompt.press(key("enter"))).toMatchObject({
			type: "note",
			text: expect.stringMatching(/^Not sent: /),
		});
		prompt.press(key("backspace"));
		expect(prompt.press(key("enter"))).toEqual(submit("/tell bbo"));
	});

	test.each<[ahead: Key[], below: string]>([
		[[text("h")], "h"],
		[[text("hello"), key("enter"), text("you")], "hello\nyou"],
		[[paste("one\ntwo")], "one\ntwo"],
	])("comes back above what was typed ahead of the question about it: %j", (ahead, below) => {
		const clock = { now: 10_000 };
		const { prompt, editor } = openAt(() => clock.now);
		prompt.ask({ text: "Send it?", yes: () => {}, no: () => prompt.giveBack("/tell bob x") });
		for (const each of ahead) prompt.press(each);
		clock.now += 500;
		expect(prompt.press(text("n"))).toMatchObject({ text: expect.stringContaining("kept below") });
		expect(editor.text).toBe(`/tell bob x\n${below}`);
		clock.now += 5000;
		expect(prompt.press(key("enter"))?.type).not.toBe("submit");
	});

	test("comes back after a whole no, which is no part of it and does not send it", () => {
		const clock = { now: 10_000 };
		const { prompt, editor } = openAt(() => clock.now);
		prompt.ask({ text: "Send it?", yes: () => {}, no: () => prompt.giveBack("/tell bob x") });
		clock.now += 500;
		for (const each of [text("n"), text("o"), key("enter")]) {
			expect(prompt.press(each)).toBeNull();
		}
		expect(editor.text).toBe("/tell bob x");
	});

	test("does not come back over another", () => {
		const { prompt, editor } = open();
		prompt.press(text("begun"));
		prompt.giveBack("/tell bbo x");
		expect(editor.text).toBe("begun");
		prompt.press(text("!"));
		expect(prompt.press(key("enter"))).toEqual(submit("begun!"));
	});

	test("is not completed by what is pasted right after it", () => {
		const { prompt, editor } = open(PASTED);
		prompt.press(key("enter"));
		prompt.giveBack("/tell bbo x");
		for (const each of [text("/tell bob y"), key("enter"), text("z"), key("enter")]) {
			expect(prompt.press(each)?.type).not.toBe("submit");
		}
		expect(editor.text).toBe("/tell bbo x\n/tell bob y\nz");
	});
});
