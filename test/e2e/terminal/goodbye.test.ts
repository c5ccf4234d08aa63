import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { reason } from "../../../lib/wire/errors/reason.ts";
import { eventually } from "../../support/eventually.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Peer } from "../../support/peer.ts";
import { Stage } from "../../support/programs.ts";
import { Screen } from "../../support/terminal.ts";
import { enter, say, waitForMessage } from "./visit.ts";

// The client restores the terminal, whatever was going on when it ends.

let stage: Stage;
let bob: Peer;

beforeAll(async () => {
	stage = await Stage.local();
	bob = await Peer.member(stage, "bob");
});

afterAll(() => stage[Symbol.asyncDispose]());

const CTRL_C = "\x03";
const CTRL_D = "\x04";
const LEFT = reason("left").text;

/** Modes of a terminal, and whether a shell wants them on. */
const MODES: [name: string, number: number, isOn: boolean][] = [
	["cursor", 25, true],
	["autowrap", 7, true],
	["bracketed paste", 2004, false],
	["reports of the focus", 1004, false],
	["synchronized output", 2026, false],
	["alternate screen", 1049, false],
	["mouse", 1000, false],
	["application cursor keys", 1, false],
];

/** The modes that the written output leaves in a state that a shell does not want. */
const leftWrong = (written: string): string[] =>
	MODES.filter(([, number, isOn]) => {
		const [on, off] = ["h", "l"].map((end) => written.lastIndexOf(`\x1b[?${number}${end}`));
		return isOn ? Number(off) > Number(on) : Number(on) > Number(off);
	}).map(([name]) => name);

/** Checks that the program ends with this code and sentence, and restores the terminal. */
async function expectEnd(screen: Screen, code: number, sentence: string): Promise<void> {
	expect(await screen.exit()).toBe(code);
	await screen.waitForText(sentence);
	expect(screen.text.split(sentence)).toHaveLength(2);
	// The shell's prompt will appear below the sentence; the typed line is gone.
	expect(screen.lines.at(-1)).toBe(`▐ ${sentence}`);
	expect(screen.cursor).toEqual({ line: screen.lines.length, column: 0 });
	expect(screen.text).not.toContain("to all>");
	expect([screen.isCooked, leftWrong(screen.written)]).toEqual([true, []]);
}

test("while it runs, the terminal is not as a shell wants it", async () => {
	await using screen = await enter(stage, "ann");
	const modes = ["bracketed paste", "reports of the focus"];
	expect([screen.isCooked, leftWrong(screen.written)]).toEqual([false, modes]);
});

/** Waits until the client has read all typed keys: it shows a later message after that. */
async function waitUntilRead(screen: Screen): Promise<void> {
	say(bob, "meanwhile");
	await screen.waitForText("meanwhile");
}

const moments: [what: string, leave: (screen: Screen) => void | Promise<void>][] = [
	["Ctrl-C twice, the line not empty", (screen) => screen.type(`half${CTRL_C}${CTRL_C}`)],
	["keys after leaving", (screen) => screen.type(`/leave\r${CTRL_D}x\r${CTRL_C}`)],
	[
		"SIGTERM twice",
		(screen) => {
			screen.kill("SIGTERM");
			screen.kill("SIGTERM");
		},
	],
	[
		"a large paste unanswered",
		async (screen) => {
			screen.type(`\x1b[200~${"line\n".repeat(50)}\x1b[201~`);
			await waitUntilRead(screen);
			screen.kill("SIGTERM");
		},
	],
	[
		"a paste that never ended",
		async (screen) => {
			screen.type("\x1b[200~never ended");
			await waitUntilRead(screen);
			screen.kill("SIGTERM");
		},
	],
	[
		"a room that is loud",
		(screen) => {
			for (let index = 0; index < 500; index++) say(bob, `loud ${index}`);
			screen.kill("SIGTERM");
		},
	],
];

test.each(moments)("%s", async (what, leave) => {
	// Two signals, and what waits to be written at the end, are for the program itself.
	const isProgram = what === "SIGTERM twice" || what === "a room that is loud";
	await using screen = await enter(stage, "ann", { isProgram });
	await leave(screen);
	await expectEnd(screen, 0, LEFT);
	await eventually("no key but bob's", async () => (await stage.keyFiles()).length === 1);
});

test("what was said just before is still said, and seen", async () => {
	await using screen = await enter(stage, "ann");
	screen.type("last words\r/leave\r");
	await waitForMessage(bob, { type: "said", from: "ann", text: "last words" });
	await expectEnd(screen, 0, LEFT);
	expect(screen.text).toContain("ann: last words\n");
});

describe("in the middle of a line", () => {
	async function inRoom(): Promise<{ room: Stage; screen: Screen }> {
		const room = await Stage.open();
		const screen = room.tidy(await enter(room, "ann"));
		screen.type("half a line");
		await screen.waitForText("to all> half a line");
		return { room, screen };
	}

	test("replaced by the same account from another place", async () => {
		const { room, screen } = await inRoom();
		await using _ = room;
		await room.member("ann");
		await expectEnd(screen, 3, reason("replaced", "logged in somewhere else").text);
		expect(screen.text).toMatch(/^▐ !! Not sent: half a line$/m);
	});

	test("the server killed with something on its way: that it was not sent is said", async () => {
		const { room, screen } = await inRoom();
		await using _ = room;
		room.server.kill("SIGSTOP");
		screen.type(" unsaid\r");
		await screen.waitForText("… half a line unsaid");
		room.server.kill("SIGKILL");
		// By itself the client would try to come back for longer than a test waits.
		screen.kill("SIGTERM");
		await expectEnd(screen, 0, LEFT);
		expect(screen.text).toMatch(/^▐ !! Not sent: half a line unsaid$/m);
	});

	const goodbyes: [how: string, leave: (screen: Screen) => void][] = [
		["/leave", (screen) => screen.type("\x15/leave\r")],
		["Ctrl-D", (screen) => screen.type(`\x15${CTRL_D}`)],
		["SIGTERM", (screen) => screen.kill("SIGTERM")],
	];
	// Concurrent, because each waits as long as the client waits for its goodbye.
	test.concurrent.each(goodbyes)("the server standing still: %s takes 2 s", async (_, leave) => {
		const { room, screen } = await inRoom();
		await using _room = room;
		room.server.kill("SIGSTOP");
		const since = Date.now();
		leave(screen);
		await screen.exit();
		expect(Date.now() - since).toBeGreaterThan(1500);
		expect(Date.now() - since).toBeLessThan(4000);
		await expectEnd(screen, 0, LEFT);
	});
});

test("SIGTERM on the login page", async () => {
	const who = ["--name", "ann", "--email", "ann@gmail.com"];
	for (const [prompt, flags] of [
		["User name", []],
		["Password", who],
	] as const) {
		await using screen = new Screen("client.ts", stage.clientArgs(...flags));
		await screen.waitForText(prompt);
		screen.type(PASSWORD.slice(0, 3));
		screen.kill("SIGTERM");
		expect(await screen.exit()).toBe(0);
		expect([screen.isCooked, leftWrong(screen.written)]).toEqual([true, []]);
	}
});
