import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { reason } from "../../../lib/wire/errors/reason.ts";
import { addressOf, PASSWORD } from "../../support/mailbox.ts";
import { Peer } from "../../support/peer.ts";
import type { Stage } from "../../support/programs.ts";
import { Shell } from "../../support/shell.ts";
import { Screen } from "../../support/terminal.ts";
import { openOnQuietPort, startAgain, stop } from "../reconnect/restarted.ts";
import { textsFrom, typed, waitForMessage, waitUntilTyped } from "./visit.ts";

// A room that no longer knows a person asks them to log in again, but never takes the keyboard from
// under what they are typing.

const NOTICE = "▐ Press Enter to log in again.";

let stage: Stage;
let home: string;
beforeAll(async () => {
	home = await mkdtemp(join(tmpdir(), "fernet-chat-home-"));
	stage = await openOnQuietPort({ isLocal: true });
});
afterAll(async () => {
	await stage[Symbol.asyncDispose]();
	await rm(home, { recursive: true });
});

/** A person who has typed the password, and begun a line. */
async function sitDown(name: string, begun: string, ...flags: string[]): Promise<Screen> {
	const who = ["--name", name, "--email", addressOf(name)];
	const env = { XDG_CONFIG_HOME: home };
	const screen = new Screen("client.ts", stage.clientArgs(...who, ...flags), {
		env,
		rows: 40,
		isLocal: true,
	});
	await screen.waitForText("Password");
	screen.type(`${PASSWORD}\r`);
	await screen.waitForText(`You are ${name}`);
	screen.type(begun);
	return screen;
}

/** The next server knows nobody. */
async function forget(...screens: Screen[]): Promise<void> {
	await stop(stage);
	await startAgain(stage);
	for (const screen of screens) await screen.waitForText("Press Enter to log in again.");
}

/** Takes what the page offers, and gives the password. */
async function logInAgain(screen: Screen, name: string): Promise<void> {
	const seen = (pattern: string) =>
		screen.waitForText(RegExp(`no longer knows[\\s\\S]*${pattern}`));
	await seen(`User name\\s+│\\s+${name}`);
	screen.type("\r");
	await seen(`Mail address|Gmail address`);
	screen.type("\r");
	await seen("Password");
	screen.type(`${PASSWORD}\r`);
	await seen(`You are ${name}`);
}

test("a draft stays on its line; only Enter brings the page; after it the draft is there again", async () => {
	await using ann = await sitDown("ann", "half a sen");
	await using ben = await sitDown("ben", "");
	await using cyd = await sitDown("cyd", "/tell ben onl");
	ben.type("sent before\r");
	await ben.waitForText("ben: sent before");
	ben.type("\x1b[200~two\nlines\x1b[201~\\");
	await waitUntilTyped(ben, "twolines\\|");
	await forget(ann, ben, cyd);

	// Nothing but Enter does anything besides editing.
	ann.type("\ttence\x1b[D");
	await waitUntilTyped(ann, "half a sentenc|e");
	for (const screen of [ann, ben, cyd]) {
		expect(screen.lines.at(-2 - Number(screen === ben))).toBe(NOTICE);
		expect(screen.text).toContain(reason("resume_expired").text);
		expect(screen.text.split("User name")).toHaveLength(1);
	}
	for (const [screen, name] of [
		[ann, "ann"],
		[ben, "ben"],
		[cyd, "cyd"],
	] as const) {
		screen.type("\r");
		await logInAgain(screen, name);
	}
	await waitUntilTyped(ann, "half a sentenc|e");
	expect(typed(ben)).toBe("twolines\\|");
	expect(cyd.lines.at(-1)).toEndWith("> /tell ben onl");
	for (const screen of [ann, ben, cyd]) expect(screen.lines.at(-2)).not.toBe(NOTICE);

	await using witness = await Peer.member(stage, "witness");
	ann.type("\r");
	await waitForMessage(witness, { type: "said", from: "ann", text: "half a sentence" });
	ben.type("\x7f\r");
	await waitForMessage(witness, { type: "said", from: "ben", text: "two\nlines" });
	ben.type("\x10\x10");
	await waitUntilTyped(ben, "sent before|");
	// The member meant is gone, though the name is here.
	cyd.type("y you\r");
	await cyd.waitForText(/Not sent: PRIVATE to ben: only you \(The "ben" whom you meant has left/);
	expect(textsFrom(witness, "cyd")).toEqual([]);
});

test('a question keeps neither the prompt\'s "offline" nor the page from a person, and costs them no line', async () => {
	const line = "that tall tree fell";
	await using hal = await sitDown("hal", `${line}\r`);
	await using ivy = await sitDown("ivy", `\x1b[200~${"line\n".repeat(30)}end\x1b[201~`);
	await hal.waitForText(/^This looks like an app password/m);
	await ivy.waitForText(/^Paste 31 lines/m);
	hal.type("typed ahead");
	await stop(stage);
	// At once: it would be sent when the server is there again.
	await hal.waitForText(
		/Reconnecting\.[\s\S]*\noffline, to all> that tall tree fell\n┊ typed ahead$/,
	);
	await startAgain(stage);
	for (const screen of [hal, ivy]) await screen.waitForText("Press Enter to log in again.");
	expect(hal.text).toContain("▐ !! Not sent.\n");
	await waitUntilTyped(ivy, "|");
	ivy.type("\x1f");
	await ivy.waitForText(/Press Enter to log in again\.\n[\s\S]*┊ end$/);
	ivy.type("\r");
	await logInAgain(ivy, "ivy");
	await ivy.waitForText(/┊ end$/);
});

test("whoever does not want to log in again can leave, by any way", async () => {
	const ways: [name: string, draft: string, keys: string][] = [
		["dan", "/leave", "\r"],
		["eve", "not this", "\x03\x03"],
		["fay", "", "\x04"],
	];
	const screens = await Promise.all(ways.map(([name, draft]) => sitDown(name, draft)));
	for (const screen of screens) stage.tidy(screen);
	await forget(...screens);
	for (const [index, screen] of screens.entries()) {
		screen.type(ways[index]?.[2] ?? "");
		expect(await screen.exit()).toBe(0);
		await screen.waitForText(reason("left").text);
		expect(screen.isCooked).toBe(true);
		expect(screen.text).not.toContain("User name");
	}
});

test("SIGTERM while the page is up: what was not sent is named", async () => {
	await using ann = await sitDown("ann", "");
	await stop(stage);
	await ann.waitForText("Reconnecting.");
	ann.type("never said\r");
	await ann.waitForText("… never said");
	await startAgain(stage);
	await ann.waitForText("Press Enter to log in again.");
	// Only the command alone leaves.
	ann.type("/leave me alone\r");
	await ann.waitForText("User name");
	ann.kill("SIGTERM");
	expect(await ann.exit()).toBe(0);
	await ann.waitForText(
		/User name[\s\S]*▐ !! Not sent: never said\n▐ !! Not sent: \/leave me alone\n▐ You left the room\./,
	);
	expect(ann.isCooked).toBe(true);
});

test("a server that is gone again while the page is up: the page is offered once more", async () => {
	await using ann = await sitDown("ann", "still here");
	await forget(ann);
	ann.type("\r");
	await ann.waitForText("User name");
	await stop(stage);
	ann.type("\r");
	await ann.waitForText(/User name[\s\S]*(Mail|Gmail) address/);
	ann.type("\r");
	await ann.waitForText(/User name[\s\S]*Password/);
	ann.type(`${PASSWORD}\r`);
	await ann.waitForText(/User name[\s\S]*No server answers[\s\S]*▐ Press Enter to log in again\./);
	await waitUntilTyped(ann, "still here|");
	await startAgain(stage);
	ann.type("\r");
	await ann.waitForText(/No server answers[\s\S]*User name/);
	ann.type("\r");
	await ann.waitForText(/No server answers[\s\S]*(Mail|Gmail) address/);
	ann.type("\r");
	await ann.waitForText(/No server answers[\s\S]*Password/);
	ann.type(`${PASSWORD}\r`);
	await ann.waitForText(/No server answers[\s\S]*You are ann/);
	await waitUntilTyped(ann, "still here|");
});

test("Ctrl-Z and fg, before the page, on it and after it: notice, page and draft are there again", async () => {
	await using shell = await Shell.open();
	const since = () => shell.below(/^\$ fg/);
	const stopAndGoOn = async (stopIt = () => shell.type("\x1a")): Promise<void> => {
		stopIt();
		await shell.waitForPrompt();
		shell.type("fg\r");
	};
	shell.start(stage.clientArgs("--name", "gus", "--email", addressOf("gus")));
	await shell.waitForText(/Password/);
	shell.type(`${PASSWORD}\r`);
	await shell.waitForText(/You are gus/);
	shell.type("half a line");
	await stop(stage);
	await startAgain(stage);
	await shell.waitForText(/Press Enter to log in again\.\noffline, to all> half a line/);
	await stopAndGoOn();
	await shell.waitForText(/Press Enter to log in again\.\noffline, to all> half a line/, since);
	shell.type("\r");
	await shell.waitForText(/◆ {2}User name/, since);
	await stopAndGoOn();
	await shell.waitForText(/◆ {2}User name/, since);
	shell.type("\x15gus\r");
	await shell.waitForText(/◆ {2}Mail address/, since);
	shell.type(`\x15${addressOf("gus")}\r`);
	await shell.waitForText(/◆ {2}Password/, since);
	shell.type(`${PASSWORD}\r`);
	await shell.waitForText(/You are gus[\s\S]*\nto all> half a line/, since);
	await stopAndGoOn(() => process.kill(shell.children[0] ?? 0, "SIGTSTP"));
	await shell.waitForText(/to all> half a line/, since);
	shell.type("\x15\x04");
	await shell.waitForText(/You left the room\.\n\$$/);
}, 30_000);

test("in plain lines: a line with a text is kept, an empty one brings the page", async () => {
	await using ann = await sitDown("ann", "half a sen", "--plain");
	await forget(ann);
	ann.type("tence\r");
	await ann.waitForText("!! Not sent: half a sentence");
	expect(ann.text).not.toContain("User name");
	ann.type("\r");
	await ann.waitForText(/User name \(ann\):/);
	ann.type("\r");
	await ann.waitForText(/address \(ann@gmail.com\):/);
	ann.type("\r");
	await ann.waitForText(/User name[\s\S]*Password/);
	ann.type(`${PASSWORD}\r`);
	await ann.waitForText(/User name[\s\S]*You are ann/);
	await using witness = await Peer.member(stage, "witness");
	ann.type("/again\r");
	await waitForMessage(witness, { type: "said", from: "ann", text: "half a sentence" });
});
