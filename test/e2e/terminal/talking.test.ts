import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commandNames } from "../../../lib/client/commands/commands.ts";
import { Peer } from "../../support/peer.ts";
import { Stage } from "../../support/programs.ts";
import type { Screen } from "../../support/terminal.ts";
import { enter, say, textsFrom, waitForMessage } from "./visit.ts";

// Commands and other input besides plain lines.

let stage: Stage;
let bob: Peer;
/** Ann's, for what needs none of its own. */
let screen: Screen;

beforeAll(async () => {
	stage = await Stage.local();
	bob = await Peer.member(stage, "bob");
	screen = stage.tidy(await enter(stage, "ann", { rows: 40 }));
});

afterAll(() => stage[Symbol.asyncDispose]());

test("/me says what one does", async () => {
	screen.type("/me waves\r");
	await waitForMessage(bob, { type: "said", from: "ann", text: "waves", me: true });
	await screen.waitForText(/^▐ \d\d:\d\d \* ann waves$/m);
});

test("an unknown command is an error and never sent; two slashes send one", async () => {
	await using screen = await enter(stage, "carl");
	for (const line of ["/foo bar", "/TELLL bob secret", "/ hello", "/whowas bob", "/tell", "/me"]) {
		screen.type(`\x15${line}\r`);
		const [name] = line.split(" ");
		await screen.waitForText(new RegExp(`^▐ !! .*${name}`, "m"));
	}
	screen.type("\x15//who is there\r");
	await waitForMessage(bob, { type: "said", from: "carl", text: "/who is there" });
	expect(textsFrom(bob, "carl")).toEqual(["/who is there"]);
});

test("/help names every command", async () => {
	screen.type("/help\r");
	for (const name of [...commandNames(false), "//"])
		await screen.waitForText(new RegExp(`^ +┊ ${name}`, "m"));
});

test("/time shows seconds, minutes or nothing", async () => {
	const looks: [clock: string, line: RegExp][] = [
		["long", /^▐ \d\d:\d\d:\d\d bob: long$/m],
		["short", /^▐ \d\d:\d\d bob: short$/m],
		["off", /^▐ bob: off$/m],
	];
	for (const [clock, line] of looks) {
		screen.type(`/time ${clock}\r`);
		await screen.waitForText(`/time is now ${clock}.`);
		say(bob, clock);
		await screen.waitForText(line);
	}
	// The client shows the reader's local time.
	const shown = /^▐ (\d\d):\d\d bob: short$/m.exec(screen.text)?.[1];
	expect([0, 1]).toContain((new Date().getHours() - Number(shown) + 24) % 24);
});

test("/save writes what was shown into a new file, for its owner alone, and over none", async () => {
	const folder = await mkdtemp(join(tmpdir(), "fernet-chat-save-"));
	await using screen = await enter(stage, "ann", { cols: 200 });
	say(bob, "ann, \x1b[31mred\x1b[0m\nand more");
	await screen.waitForText("and more");
	const file = join(folder, "transcript.txt");
	screen.type(`/save ${file}\r`);
	await screen.waitForText(/Saved \d+ lines/);
	const saved = await readFile(file, "utf8");
	const lines = /Saved (\d+) lines/.exec(screen.text)?.[1];
	expect(saved.split("\n")).toHaveLength(Number(lines) + 1);
	expect(saved).toMatch(/^▐ \d\d:\d\d » bob: ann, \^\[\[31mred\^\[\[0m\n {2}┊ and more\n/m);
	expect(saved).not.toMatch(/^(?!▐ | {2}┊ |$)|[^\n]▐/m);
	expect(saved.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
	expect((await stat(file)).mode & 0o777).toBe(0o600);

	const other = join(folder, "precious");
	await writeFile(other, "precious");
	screen.type(`/save ${other}\r`);
	await screen.waitForText(`!! Not saved: "${other}" already exists. Choose another name.`);
	expect(await readFile(other, "utf8")).toBe("precious");
	screen.type(`/save ${join(folder, "none", "such")}\r`);
	await screen.waitForText(/!! Not saved:.*none\/such/);
	await rm(folder, { recursive: true });
});

test.each([
	["full", "robert@gmail.com"],
	["masked", "r***@gmail.com"],
	["hidden", ""],
])("/who, with addresses %s", async (policy, address) => {
	await using stage = await Stage.local("--addresses", policy);
	await Peer.member(stage, "robert");
	await using screen = await enter(stage, "ann");
	screen.type("/who\r");
	await screen.waitForText("2 people are here:");
	const robert = screen.lines.find((line) => /┊ robert/.test(line)) ?? "";
	expect(robert.replaceAll(/\s+/g, " ")).toBe(` ┊ robert ${address} for 0 min`.replace("  ", " "));
	expect(screen.text.includes("@")).toBe(address !== "");
});
