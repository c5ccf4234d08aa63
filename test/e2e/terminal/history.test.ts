import { Database } from "bun:sqlite";
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "../../support/eventually.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Peer } from "../../support/peer.ts";
import { Stage } from "../../support/programs.ts";
import type { Screen } from "../../support/terminal.ts";
import { enter, sayYes, waitForMessage, waitUntilTyped } from "./visit.ts";

// What was typed in one run, in the next.

let stage: Stage;
let bob: Peer;
let home: string;
let file: string;

beforeAll(async () => {
	stage = await Stage.local();
	bob = await Peer.member(stage, "bob");
});
beforeEach(async () => {
	home = await mkdtemp(join(tmpdir(), "fernet-chat-home-"));
	stage.tidy({ [Symbol.asyncDispose]: () => rm(home, { recursive: true, force: true }) });
	file = join(home, "fernet-chat", "history.db");
});
afterAll(() => stage[Symbol.asyncDispose]());

const UP = "\x1b[A";

const sit = (name: string, flags: string[] = [], env: Record<string, string> = {}) =>
	enter(stage, name, { flags, env: { XDG_CONFIG_HOME: home, ...env }, cols: 120 });

async function say(screen: Screen, from: string, text: string): Promise<void> {
	screen.type(`${text.replaceAll("\n", "\x1b\r")}\r`);
	await waitForMessage(bob, { type: "said", from, text });
}

async function leave(screen: Screen): Promise<void> {
	screen.type("\x15\x04");
	expect(await screen.exit()).toBe(0);
}

test("what was said to all is there again, and nothing that was private or may be a password", async () => {
	await using ann = await sit("ann");
	await say(ann, "ann", "first thing");
	await say(ann, "ann", "two\nlines");
	ann.type("/tell bob PRIVATELY\r/msg bob PRIVATELY too\r");
	await waitForMessage(bob, { type: "told", text: "PRIVATELY too" });
	ann.type("/tel bob PRIVATELY mistyped\r");
	await ann.waitForText("There is no command /tel.");
	ann.type(`\x15${PASSWORD}\r`);
	await ann.waitForText("that is what you log in with");
	ann.type("PRIV atel your word\r");
	await sayYes(ann);
	await waitForMessage(bob, { type: "said", text: "PRIV atel your word" });
	// Another client of the same user, at the same time.
	await using carl = await sit("carl");
	carl.type(UP);
	await carl.waitForText(/> two\n┊ lines$/);
	carl.type("\x03");
	await say(carl, "carl", "meanwhile");
	await say(ann, "ann", "last thing");
	await leave(carl);
	await leave(ann);
	const saved = await Bun.file(file).text();
	for (const word of ["PRIV", PASSWORD]) expect(saved).not.toContain(word);
	expect((await stat(file)).mode & 0o777).toBe(0o600);

	await using again = await sit("ann");
	for (const shown of ["last thing|", "meanwhile|"]) {
		again.type(UP);
		await waitUntilTyped(again, shown);
	}
	again.type("\x12PRIV");
	await again.waitForText(/^not found: PRIV> $|^not found: PRIV>$/m);
	again.type("\x07\x12lines\r\r");
	await eventually(
		"said again",
		() => bob.messages.filter(({ text }) => text === "two\nlines").length === 2,
	);
	await leave(again);
});

test.each<[flags: string[], env: Record<string, string>]>([
	[["--no-history"], {}],
	[[], { FERNET_CHAT_NO_HISTORY: "1" }],
])("with %j and %j nothing is saved, and nothing saved is there", async (flags, env) => {
	await using first = await sit("dora", flags, env);
	await say(first, "dora", `unsaved ${flags.length}`);
	await leave(first);
	expect(await readdir(join(home, "fernet-chat")).catch(() => [])).not.toContain("history.db");
	await using second = await sit("dora");
	await say(second, "dora", `saved ${flags.length}`);
	await leave(second);
	await using third = await sit("dora", flags, env);
	third.type(`${UP}x`);
	await waitUntilTyped(third, "x|");
	await leave(third);
});

test("a damaged file is said, and is not fatal", async () => {
	await using first = await sit("eve");
	await leave(first);
	await writeFile(file, "scribble\n");
	await using eve = await sit("eve");
	await eve.waitForText(/▐ Your input history cannot be used, because .*history\.db is damaged/);
	await say(eve, "eve", "still here");
	await leave(eve);
	expect(await Bun.file(file).text()).toBe("scribble\n");
});

test("what was put into the file is text on the terminal, and nothing else", async () => {
	await using first = await sit("fay");
	await say(first, "fay", "mine");
	await leave(first);
	using database = new Database(file);
	database.run("UPDATE line SET text = ?", ["a\x1b]0;title\x07\x9b2J\u202eb▐ "]);
	await using fay = await sit("fay");
	fay.type(UP);
	await waitUntilTyped(fay, "a]0;title2Jb| |");
	for (const raw of ["\x1b]0;", "\x07", "\u202e"]) expect(fay.written).not.toContain(raw);
	await leave(fay);
});
