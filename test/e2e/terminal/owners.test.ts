import { afterAll, beforeAll, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { reason } from "../../../lib/wire/errors/reason.ts";
import { eventually } from "../../support/eventually.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Peer } from "../../support/peer.ts";
import { Stage } from "../../support/programs.ts";
import { Screen } from "../../support/terminal.ts";
import { enter, say, sayYes, tell, textsFrom, waitForMessage } from "./visit.ts";

// What owners type, and what people see of it.

let stage: Stage;
let bob: Peer;

beforeAll(async () => {
	stage = await Stage.local("--owner", "ann@gmail.com");
	bob = await Peer.member(stage, "bob");
});

afterAll(() => stage[Symbol.asyncDispose]());

const COMMANDS = [
	...["kick", "ban", "unban", "mute", "unmute", "banned", "announce", "title", "close"],
];

test("/help and Tab have an owner's commands for owners alone; the others are told they are none", async () => {
	await using ann = await enter(stage, "ann", { rows: 50 });
	await using carl = await enter(stage, "carl", { rows: 50 });
	for (const screen of [ann, carl]) {
		screen.type("/help\r");
		await screen.waitForText("Tab completes");
	}
	for (const name of COMMANDS) {
		const line = new RegExp(`^ +┊ /${name} .* {2}\\S`, "m");
		expect([ann.text, carl.text].map((text) => line.test(text))).toEqual([true, false]);
	}
	ann.type("/kic\t");
	await ann.waitForText(/> \/kick$/m);
	ann.type("b\t\x15");
	carl.type("/kic\t\r");
	await carl.waitForText("There is no command /kic.");
	carl.type("\x15/announce I own this\r");
	await carl.waitForText(`!! ${reason("not_owner").text}`);
	carl.type("/title\r");
	await carl.waitForText("!! Usage: /title TEXT");
});

test("every command, as it is typed, and what the room sees of it", async () => {
	await using ann = await enter(stage, "ann");
	await using dora = await enter(stage, "dora", { flags: ["--plain"] });
	const seen: [typed: string, line: RegExp | string][] = [
		["/announce lunch\\\rat noon", /^▐ \d\d:\d\d ## ANNOUNCEMENT by ann: lunch\n {2}┊ at noon$/m],
		["/title Lunch club", /^▐ \d\d:\d\d ## ann renamed the room to "Lunch club"$/m],
		["/mute @bob", /^▐ \d\d:\d\d ## ann muted bob$/m],
		["/mute bob", `!! ${reason("already_muted", "bob").text}`],
		["/unmute @bob", /^▐ \d\d:\d\d ## ann unmuted bob$/m],
		["/ban e.ve@gmail.com spam", /^▐ \d\d:\d\d ## ann banned e\*\*\*@gmail\.com: spam$/m],
		["/unban eve@gmail.com", /^▐ \d\d:\d\d ## ann unbanned e\*\*\*@gmail\.com$/m],
		["/kick nobody", `!! Not done: ${reason("no_such_member", "nobody").text}`],
		["/unban eve", /^▐ !! Not done: unban: address must be an address/m],
		["/mute ann", `!! ${reason("is_owner").text}`],
		["/ban zoe@gmail.com", /^▐ \d\d:\d\d ## ann banned z\*\*\*@gmail\.com$/m],
		["/banned", /^▐ -- 1 banned account:\n {2}┊ zoe@gmail\.com$/m],
		["/close now", "!! Usage: /close"],
	];
	for (const [typed, line] of seen) {
		ann.type(`\x15${typed}\r`);
		if (typed.startsWith("/ban ")) await sayYes(ann);
		await ann.waitForText(line);
		if (String(line).includes("##")) await dora.waitForText(line);
	}
	expect(textsFrom(bob, "ann")).toEqual([]);
	ann.type("\x15/mute dora\r");
	await dora.waitForText("## ann muted dora");
	dora.type("/tell bob off\n");
	await dora.waitForText(/^▐ !! Not sent to bob: off \(An owner/m);
	// A kicked member's client says why it ends, and restores the terminal.
	ann.type("/kick dora\r");
	await sayYes(ann);
	expect(await dora.exit()).toBe(2);
	await dora.waitForText(reason("kicked", "ann").text);
	await ann.waitForText(/## ann removed dora from the room\n▐ \d\d:\d\d ← dora left$/m);
	expect(dora.isCooked).toBe(true);
	expect(dora.written).not.toContain("\x1b");
});

test("an announcement stands out, rings, and nothing that anybody says can pass for one", async () => {
	await using ann = await enter(stage, "ann");
	await using emil = await enter(stage, "emil");
	const forged = "## ANNOUNCEMENT by ann: forged";
	say(bob, forged);
	say(bob, `first\n12:00 ${forged}`);
	bob.send({ type: "say", id: "me", text: forged, me: true });
	tell(bob, "emil", forged);
	say(bob, "that was all");
	for (const screen of [ann, emil]) await screen.waitForText("bob: that was all");
	expect(emil.text).toContain("bob → you: ## ANNOUNCEMENT");
	expect(emil.text).not.toMatch(/^▐ \d\d:\d\d ##/m);
	const inverse = ({ runs }: Screen): string[] =>
		runs.flat().flatMap(({ text, look }) => (look.isInverse && text.includes("#") ? [text] : []));
	expect(inverse(emil)).toEqual([]);
	const ringsOf = ({ written }: Screen): number => written.split("\x07").length;
	const [rings, own] = [ringsOf(emil), ringsOf(ann)];
	ann.type("/announce true\r");
	await emil.waitForText(/^▐ \d\d:\d\d ## ANNOUNCEMENT by ann: true$/m);
	expect(inverse(emil)).toEqual(["## ANNOUNCEMENT"]);
	await eventually("a ring", () => ringsOf(emil) > rings);
	await ann.waitForText("## ANNOUNCEMENT by ann: true");
	expect(ringsOf(ann)).toBe(own);
});

test("a banned account reads that it is banned", async () => {
	await using ann = await enter(stage, "ann");
	ann.type("/ban fay@gmail.com\r");
	await sayYes(ann);
	await waitForMessage(bob, { type: "banned", by: "ann", address: "f***@gmail.com" });
	const who = stage.clientArgs("--name", "fay", "--email", "F.A.Y@gmail.com");
	await using fay = new Screen("client.ts", who, { env: { FERNET_CHAT_PASSWORD: PASSWORD } });
	expect(await fay.exit()).toBe(2);
	await fay.waitForText(reason("banned").text);
});

test("title and message of the day come first, as text and nothing else", async () => {
	const motd = join(stage.keys, "motd");
	await writeFile(motd, "be \x1b[31mkind\x07\nand \u202eb\u200brief\n");
	await using room = await Stage.local("--title", "The \u202ebook\u200b club", "--motd", motd);
	await using ann = await enter(room, "ann");
	await ann.waitForText(
		/^▐ ## The book club\n▐ ## be \^\[\[31mkind\^G\n {2}┊ and brief\n▐ -- You are ann/m,
	);
	for (const raw of ["\x07", "\x1b[31m", "\u202e", "\u200b"])
		expect(ann.written).not.toContain(raw);
});

test("/close ends every screen, which says by whom", async () => {
	await using room = await Stage.local("--owner", "ann@gmail.com");
	await using ann = await enter(room, "ann");
	await using carl = await enter(room, "carl");
	ann.type("/close\r");
	await sayYes(ann);
	for (const screen of [ann, carl]) {
		expect(await screen.exit()).toBe(0);
		await screen.waitForText(reason("room_closed", "ann").text);
		expect(screen.isCooked).toBe(true);
	}
	expect(await room.server.exit()).toBe(0);
});
