import { afterAll, beforeAll, expect, test } from "bun:test";
import { eventually } from "../../support/eventually.ts";
import { Peer } from "../../support/peer.ts";
import { Stage } from "../../support/programs.ts";
import { enter, waitForMessage } from "./visit.ts";

// Completion with Tab.

let stage: Stage;
let peers: Peer[];

beforeAll(async () => {
	stage = await Stage.local();
	const names = ["Carla", "carlo", "dora", "d.e-f_1"];
	peers = await Promise.all(names.map((name) => Peer.member(stage, name)));
});

afterAll(() => stage[Symbol.asyncDispose]());

const TAB = "\t";
const BACK = "\x1b[Z";
const LEFT = "\x1b[D";

const table: [typed: string, becomes: string][] = [
	["do\t", "dora |"],
	["hello do\t", "hello dora |"],
	["@do\t", "@dora |"],
	["hello @do\tyou", "hello @dora you|"],
	["D\t\t", "dora |"],
	["d\t", "d.e-f_1 |"],
	["car\t", "Carla |"],
	["car\t\t", "carlo |"],
	["car\t\t\t", "Carla |"],
	[`car${BACK}`, "carlo |"],
	["CAR\tx", "Carla x|"],
	[`(see do, ok${LEFT.repeat(4)}\t`, "(see dora |, ok"],
	["/wh\t", "/who |"],
	["/t\t", "/tell |"],
	["/t\t\t", "/time |"],
	["/tell d\t\t", "/tell dora |"],
	["/tell \t", "/tell Carla |"],
	["/tell @c\t", "/tell @Carla |"],
	["nobody-like-this\t", "nobody-like-this|"],
	["\t", "|"],
	["hello \t", "hello |"],
	["/nothing\t", "/nothing|"],
	["say /wh\t", "say /wh|"],
	["an\t", "an|"],
];

test("Tab completes names of others and commands, the next Tab the next one", async () => {
	await using screen = await enter(stage, "ann");
	const line = (): string => {
		const { lines, cursor } = screen;
		const row = (lines.at(-1) ?? "").padEnd(cursor.column);
		return `${row.slice(0, cursor.column)}|${row.slice(cursor.column)}`.replace(/^.*?> /, "");
	};
	for (const [typed, becomes] of table) {
		screen.type(typed);
		await eventually(
			`${JSON.stringify(typed)}: ${becomes}`,
			() => line() === becomes,
			() => screen.text,
		);
		screen.type("\x05\x15");
		await eventually("an empty line", () => line() === "|");
	}
});

test("an @ alone offers who is here, a slash what there is to do", async () => {
	await using screen = await enter(stage, "ann");
	screen.type("@");
	await screen.waitForText(/@Carla .*@carlo .*@dora/);
	expect(screen.text).not.toContain("@ann");
	screen.type("\x15/");
	await screen.waitForText(/\/who .*\/tell .*\/reply/);
	screen.type("\x15");
	await eventually("no offer", () => !screen.text.includes("/who"));
});

test("Tab completes the name of a member that has joined, and not of one that has left", async () => {
	await using screen = await enter(stage, "ann");
	await using newcomer = await Peer.member(stage, "newcomer");
	await screen.waitForText("newcomer joined");
	screen.type("hi newc\t\r");
	await waitForMessage(newcomer, { type: "said", text: "hi newcomer" });
	newcomer.send({ type: "leave" });
	await screen.waitForText("newcomer left");
	screen.type("newc\t");
	await eventually("the word as it was", () => screen.lines.at(-1) === "to all> newc");
	screen.type(`${TAB}!\r`);
	const [peer] = peers;
	if (peer) await waitForMessage(peer, { type: "said", text: "newc!" });
});
