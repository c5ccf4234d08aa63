import { afterAll, beforeAll, expect, test } from "bun:test";
import { reason } from "../../../lib/wire/errors/reason.ts";
import { eventually } from "../../support/eventually.ts";
import { Peer } from "../../support/peer.ts";
import { Stage } from "../../support/programs.ts";
import { enter, textsFrom, waitForMessage, waitUntilTyped } from "./visit.ts";

// The commands that people bring along from other programs.

let stage: Stage;
let bob: Peer;

beforeAll(async () => {
	stage = await Stage.local();
	bob = await Peer.member(stage, "bob");
});

afterAll(() => stage[Symbol.asyncDispose]());

test("in any case and under other names; a mistyped one says which was meant", async () => {
	await using ann = await enter(stage, "ann", { cols: 120 });
	ann.type("/MSG bob psst\r");
	await waitForMessage(bob, { type: "told", from: "ann", text: "psst" });
	ann.type("/Names\r");
	await ann.waitForText(/^▐ -- 2 people are here:$/m);
	ann.type("/whois bob\r");
	await ann.waitForText(
		"-- bob (b***@gmail.com) has been here for 0 min.".replace(/[()*]/g, "\\$&"),
	);
	ann.type("/nick anna\r");
	await ann.waitForText("-- You are ann as long as you are here");
	ann.type("/tel bob hi\r");
	await ann.waitForText(/!! There is no command \/tel\. Did you mean \/tell\?$/m);
	ann.type("\x15/help msg\r");
	await ann.waitForText(/^▐ -- \/tell NAME TEXT {10}send a private message \(or \/msg\)$/m);
	expect(textsFrom(bob, "ann")).toEqual([]);
});

test("/clear empties the screen, and not the line that was begun meanwhile", async () => {
	await using ann = await enter(stage, "ann");
	ann.type("/clear\rhalf a line");
	await waitUntilTyped(ann, "half a line|");
	await eventually("an empty screen", () => !ann.text.includes("You are ann"));
});

test.each(["/quit", "/EXIT", "/leave"])("%s leaves", async (command) => {
	await using ann = await enter(stage, "ann");
	ann.type(`${command}\r`);
	expect(await ann.exit()).toBe(0);
	await ann.waitForText(reason("left").text);
});

test("in plain lines, too, but for /clear, which says so", async () => {
	await using ann = await enter(stage, "ann", { flags: ["--plain"] });
	ann.type("/CLEAR\n/whois bob\n/exit\n");
	expect(await ann.exit()).toBe(0);
	await ann.waitForText("!! Plain lines cannot be cleared.");
});
