import { afterAll, beforeAll, expect, test } from "bun:test";
import { readdir } from "node:fs/promises";
import { eventually } from "../../support/eventually.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Peer } from "../../support/peer.ts";
import { Program, Stage } from "../../support/programs.ts";
import type { Screen } from "../../support/terminal.ts";
import { Liar } from "./liar.ts";
import { enter, say, tell } from "./visit.ts";

// One message takes at most a screenful, unless its reader asks for more.

let stage: Stage;
let eve: Peer;

beforeAll(async () => {
	stage = await Stage.local();
	eve = await Peer.member(stage, "eve");
});

afterAll(() => stage[Symbol.asyncDispose]());

/** What is on the screen now, and not scrolled away. */
const visible = ({ runs }: Screen): string =>
	runs.map((row) => row.map(({ text }) => text).join("")).join("\n");

/** How often the client has offered to show more. */
const notes = ({ text }: Screen): number => text.split("To read on: /more").length;

/** Runs `flood` after a line, and checks that the line is still on the screen. */
async function expectOneScreenful(screen: Screen, before: string, flood: () => void) {
	await screen.waitForText(before);
	const shown = notes(screen);
	flood();
	await eventually(
		"a note",
		() => notes(screen) > shown,
		() => screen.text,
	);
	expect(visible(screen)).toContain(before);
}

const LINES = Array.from({ length: 1000 }, (_, i) => `n${i}`).join("\n");
const WORDS = Array.from({ length: 1500 }, (_, i) => `w${i}`).join(" ");

test.each([
	{ cols: 80, rows: 24 },
	{ cols: 40, rows: 12 },
])("what a member says, on %p; /more shows the rest", async (size) => {
	await using screen = await enter(stage, "ann", size);
	for (const [index, text] of ["\n".repeat(8192), "漢".repeat(2700), LINES].entries()) {
		say(eve, `before ${index}`);
		await expectOneScreenful(screen, `before ${index}`, () => say(eve, text));
	}
	expect(screen.text).not.toContain("n30");
	while (!screen.text.includes("n40")) {
		const shown = notes(screen);
		screen.type("/more\r");
		await eventually("more", () => notes(screen) > shown);
	}
	// Whatever comes in between does not change where the reader goes on.
	tell(eve, "ann", "in private");
	await screen.waitForText("in private");
	await expectOneScreenful(screen, "in private", () => tell(eve, "ann", WORDS));
	screen.type("/more\r");
	await screen.waitForText(/┊ .*w\d+ w\d+/);
	expect(screen.text).not.toContain("n990");
});

test("what a server says: the message of the day, a roster of 10,000, banned accounts, a refusal", async () => {
	const motd = Array.from({ length: 900 }, (_, i) => `${i}`).join("\n");
	await using liar = await Liar.open({ owner: true, motd });
	await using screen = await enter(liar, "ann");
	await screen.waitForText("To read on: /more");
	const members = Array.from({ length: 10_000 }, (_, i) => ({
		...{ name: `m${i}`, visit: `${i}`, since: 0, address: `m${i}@gmail.com` },
	}));
	const addresses = members.map(({ address }) => address);
	const asked = (type: string) =>
		eventually(type, () => liar.asked.some((question) => question.type === type));
	screen.type("/who\r");
	await asked("who");
	liar.say("bob", "before the roster");
	const roster = () => liar.tell({ type: "roster", members });
	await expectOneScreenful(screen, "before the roster", roster);
	expect(screen.text).toContain("10000 people are here:");
	screen.type("/banned\r");
	await asked("bans");
	liar.say("bob", "before the bans");
	await expectOneScreenful(screen, "before the bans", () =>
		liar.tell({ type: "banlist", addresses }),
	);
	liar.say("bob", "before the refusal");
	await expectOneScreenful(screen, "before the refusal", () =>
		liar.tell({ type: "refused", code: "no", text: "\n".repeat(1000) }),
	);
	liar.say("bob", "before the announcement");
	await expectOneScreenful(screen, "before the announcement", () =>
		liar.batch({ type: "announced", by: "bob", text: "\n".repeat(8000) }),
	);
	// Nobody asked for these.
	liar.tell({ type: "roster", members }, { type: "banlist", addresses });
	liar.say("bob", "after all");
	await screen.waitForText("bob: after all");
	expect(screen.text.match(/people are here|banned accounts:/g)).toHaveLength(2);
});

test("plain lines are cut as on a screen of 80 by 24; a bot gets all in one line; /save saves all", async () => {
	const bot = await stage.member("bot");
	const args = stage.clientArgs("--plain", "--name", "dan", "--email", "dan@gmail.com");
	const TZ = ":/usr/share/zoneinfo/Asia/Kolkata";
	const env = { FERNET_CHAT_PASSWORD: PASSWORD, HOME: stage.keys, TZ };
	// A program that goes beyond its limit of a file's size is told so only if it ignores the signal.
	const within = ["sh", "-c", `trap "" XFSZ; exec "$0" "$@"`];
	await using plain = new Program("client.ts", args, env, within);
	await plain.waitForOutput("You are dan");
	const before = plain.out.length;
	say(eve, LINES);
	await plain.waitForOutput("To read on: /more");
	const shown = plain.out.slice(before).trimEnd().split("\n");
	expect(shown.length).toBeLessThan(24);
	expect(shown.at(-1)).toBe(`▐ -- ${1000 - (shown.length - 1)} more lines. To read on: /more`);
	plain.write("/more\n");
	await plain.waitForOutput(`  ┊ n${shown.length}\n`);
	const said = await bot.waitFor({ type: "said" });
	expect(said).toMatchObject({ from: "eve", text: LINES });
	const minutes = new Date(Number(said.at)).getUTCMinutes();
	expect(plain.out).toContain(`:${String((minutes + 30) % 60).padStart(2, "0")} eve: `);
	const file = `${stage.keys}/saved.txt`;
	plain.write("/save ~/saved.txt\n");
	await plain.waitForOutput(/Saved \d+ lines in \/.*saved\.txt/);
	const saved = await Bun.file(file).text();
	expect(Array.from(saved.matchAll(/n\d+$/gm), ([line]) => line)).toEqual(LINES.split("\n"));

	// No more fits, as on a full disk: nothing half is left.
	Bun.spawnSync(["prlimit", "--fsize=4096", "--pid", `${plain.pid}`]);
	const files = await readdir(stage.keys);
	plain.write("/save ~/second.txt\n");
	await plain.waitForOutput(
		/Not saved: "\/.*second\.txt" cannot be written \(EFBIG: file too large\)/,
	);
	expect(await readdir(stage.keys)).toEqual(files);
});
