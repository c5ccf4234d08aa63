import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { eventually } from "../../support/eventually.ts";
import { Peer } from "../../support/peer.ts";
import { Stage } from "../../support/programs.ts";
import type { Screen } from "../../support/terminal.ts";
import { Liar } from "./liar.ts";
import { enter, say, tell } from "./visit.ts";

// How the client shows the room: what it highlights, folds and hides.

let stage: Stage;
let bob: Peer;

beforeAll(async () => {
	stage = await Stage.local();
	bob = await Peer.member(stage, "bob");
});

afterAll(() => stage[Symbol.asyncDispose]());

describe("a mention", () => {
	/** How often the terminal has rung once it shows bob's text. */
	async function rings(screen: Screen, text: string): Promise<number> {
		const before = screen.written.split("\x07").length;
		say(bob, text);
		await screen.waitForText(text);
		return screen.written.split("\x07").length - before;
	}

	test("is marked, not by colour alone, and rings; a part of another word does not", async () => {
		await using screen = await enter(stage, "ann");
		for (const text of ["hello ann", "@ann?", "Well, Ann: yes", "ANN."]) {
			expect(await rings(screen, text)).toBe(1);
			expect(screen.lines.find((line) => line.endsWith(text))).toMatch(/^▐ \d\d:\d\d » bob: /);
		}
		for (const text of ["joanna", "ann-marie", "annals", "x.ann", "Anne"]) {
			expect(await rings(screen, text)).toBe(0);
			expect(screen.lines.find((line) => line.endsWith(text))).toMatch(/^▐ \d\d:\d\d bob: /);
		}
		const before = screen.written;
		screen.type("I am ann\r");
		await screen.waitForText("ann: I am ann");
		expect(screen.written.slice(before.length)).not.toContain("\x07");
	});

	test.each([
		["mention", 1, 0],
		["all", 1, 1],
		["off", 0, 0],
	])("rings as --bell %s says, and as /bell then says", async (bell, mention, other) => {
		await using screen = await enter(stage, "ann", { flags: ["--bell", bell] });
		expect(await rings(screen, "hi ann")).toBe(mention);
		expect(await rings(screen, "hi all")).toBe(other);
		screen.type("/bell all\r");
		await screen.waitForText("/bell is now all.");
		expect(await rings(screen, "hi again")).toBe(1);
		screen.type("/bell off\r");
		await screen.waitForText("/bell is now off.");
		expect(await rings(screen, "and again, ann")).toBe(0);
		screen.type("/bell loud\r");
		await screen.waitForText("!! Usage: /bell mention|all|off");
	});
});

test("/ignore hides a person's lines, says whose, and shows them again", async () => {
	await using screen = await enter(stage, "ann");
	await using mimi = await Peer.member(stage, "Mimi");
	screen.type("/ignore mimi\r");
	await screen.waitForText("You ignore mimi now.");
	say(mimi, "can you hear me, ann?");
	tell(mimi, "ann", "and this?");
	say(bob, "after it");
	await screen.waitForText("after it");
	expect(screen.text).not.toContain("can you hear me");
	expect(screen.text).not.toContain("and this?");
	expect(screen.written).not.toContain("\x07");
	screen.type("/ignore\r");
	await screen.waitForText(/^▐ -- You ignore: /m);
	expect(screen.text).toMatch(/^▐ -- You ignore: mimi$/im);
	screen.type("/ignore Mimi\r");
	await screen.waitForText("You no longer ignore Mimi.");
	say(mimi, "now?");
	await screen.waitForText("Mimi: now?");
});

test("joins and leaves are one line when many come at once", async () => {
	await using liar = await Liar.open();
	await using screen = await enter(liar, "ann");
	const names = Array.from({ length: 12 }, (_, index) => `m${index}`);
	liar.batch(...names.map((name) => ({ type: "joined", name, visit: name })));
	await screen.waitForText(/^▐ \d\d:\d\d → m0, m1, m2, m3, m4 and 7 others joined$/m);
	liar.batch(...names.slice(0, 2).map((name) => ({ type: "left", name })));
	liar.say("m5", "still here");
	await screen.waitForText(/← m0, m1 left\n▐ \d\d:\d\d m5: still here$/m);
	expect(screen.lines.filter((line) => /joined|left/.test(line))).toHaveLength(2);
});

test("a name has the same colour each time, and another name another", async () => {
	await using liar = await Liar.open();
	await using screen = await enter(liar, "ann");
	for (const from of ["bob", "carl", "bob", "carl"]) liar.say(from, "hello");
	await eventually("all of it", () => screen.text.split("hello").length === 5);
	const colours = (name: string): string[] =>
		Array.from(
			screen.written.matchAll(RegExp(`((?:\\x1b\\[\\d+m)+)${name}`, "g")),
			([, c]) => c ?? "",
		);
	const [bobs, carls] = [colours("bob"), colours("carl")];
	expect([bobs.length, carls.length]).toEqual([2, 2]);
	expect([new Set(bobs).size, new Set(carls).size]).toEqual([1, 1]);
	expect(bobs[0]).not.toBe(carls[0]);
});
