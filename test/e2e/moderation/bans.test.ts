import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { botAs, memberAs, settle, waitForDenial, waitForRefusal } from "../../support/owners.ts";
import { type Bot, Program, Stage } from "../../support/programs.ts";

// Who may not come in: by account, in every spelling, for as long as it is not lifted.

const FLAGS = ["--owner", "ann@gmail.com,boss@gmail.com"];

let stage: Stage;
let ann: Bot;

beforeAll(async () => {
	stage = await Stage.open(...FLAGS);
	ann = await stage.member("ann");
});

afterAll(() => stage[Symbol.asyncDispose]());

const fileOf = (state: string): string => join(state, "banned");
const banned = async ({ state }: Stage): Promise<string[]> =>
	(await readFile(fileOf(state), "utf8")).split("\n").slice(0, -1);

test("who is banned is put out, told by whom and why, and not let in again in any spelling", async () => {
	const eve = await memberAs(stage, "eve", "e.Ve+chat@gmail.com");
	ann.send({ type: "ban", who: "EVE", why: "spam" });
	expect(await eve.exit()).toBe(2);
	const text = "ann has banned you from the room: spam";
	expect(eve.lines.at(-1)).toEqual({ type: "closed", reason: "banned", text });
	await ann.waitFor({ type: "left", name: "eve" });
	const spellings = [
		...["eve@gmail.com", "EVE@GMAIL.COM", "e.v.e@gmail.com", "eve+other@gmail.com"],
		...["eve@googlemail.com", "E.ve+x.y@GoogleMail.com"],
	];
	const answers = spellings.map((email, i) => waitForDenial(botAs(stage, `eve${i}`, email)));
	expect(await Promise.all(answers)).toEqual(spellings.map(() => "banned"));
	// Another account, and the name itself, are nobody's fault.
	await memberAs(stage, "eve", "eve@work.example");
	expect(await banned(stage)).toContain("eve@gmail.com");
});

test("who is not here is banned by address, and so is who is here under another spelling", async () => {
	ann.send({ type: "ban", who: "Never.Here+x@googlemail.com" });
	const here = await memberAs(stage, "here", "he.re@gmail.com");
	ann.send({ type: "ban", who: "HERE+1@gmail.com" });
	expect(await here.exit()).toBe(2);
	expect(await waitForDenial(botAs(stage, "never", "neverhere@gmail.com"))).toBe("banned");
	expect(await waitForDenial(botAs(stage, "here", "here@gmail.com"))).toBe("banned");
	ann.send({ type: "bans" });
	const { addresses } = await ann.waitFor({ type: "banlist" });
	expect(addresses).toEqual(await banned(stage));
	expect(addresses).toEqual(expect.arrayContaining(["neverhere@gmail.com", "here@gmail.com"]));
});

test("only who has proved to be somebody is told that this somebody is banned", async () => {
	ann.send({ type: "ban", who: "secret@gmail.com" });
	await settle(ann);
	const stranger = botAs(stage, "stranger", "secret@gmail.com", "wrongwrongwrongw");
	expect(await waitForDenial(stranger)).toBe("wrong_password");
});

test("a banned account is checked at each login; a guesser is never told of the ban", async () => {
	ann.send({ type: "ban", who: "again@gmail.com" });
	await settle(ann);
	const asked = () => stage.logins.filter((email) => email === "again@gmail.com").length;
	for (let i = 1; i <= 3; i++) {
		expect(await waitForDenial(stage.bot("again"))).toBe("banned");
		expect(asked()).toBe(i);
	}
	const guess = botAs(stage, "again", "again@gmail.com", "wrongwrongwrongw");
	expect(await waitForDenial(guess)).toBe("wrong_password");
	ann.send({ type: "unban", address: "again@gmail.com" });
	await ann.waitFor({ type: "unbanned", address: "a***@gmail.com" });
	await stage.member("again");
	expect(asked()).toBe(5);
});

test("a ban that is lifted is lifted, in every spelling and in the file", async () => {
	ann.send({ type: "ban", who: "sorry@gmail.com" });
	await settle(ann);
	expect(await waitForDenial(stage.bot("sorry"))).toBe("banned");
	ann.send({ type: "unban", address: "So.rry+x@googlemail.com" });
	await ann.waitFor({ type: "unbanned", by: "ann", address: "s***@gmail.com" });
	await stage.member("sorry");
	expect(await banned(stage)).not.toContain("sorry@gmail.com");
	expect(await waitForRefusal(ann, { type: "unban", address: "sorry@gmail.com" })).toBe(
		"not_banned",
	);
});

test("what names no account, or nobody here, is not banned", async () => {
	const before = await banned(stage);
	for (const who of ["+x@gmail.com", "...@gmail.com"]) {
		expect(await waitForRefusal(ann, { type: "ban", who })).toBe("invalid_address");
	}
	expect(await waitForRefusal(ann, { type: "ban", who: "nobody" })).toBe("no_such_member");
	expect(await banned(stage)).toEqual(before);
});

test("two bans at once are both kept, and nobody else can read them", async () => {
	const boss = await stage.member("boss");
	boss.send({ type: "ban", who: "one@gmail.com" });
	ann.send({ type: "ban", who: "two@gmail.com" });
	await Promise.all([settle(boss), settle(ann)]);
	expect(await banned(stage)).toEqual(expect.arrayContaining(["one@gmail.com", "two@gmail.com"]));
	const modes = [stage.state, fileOf(stage.state)].map(
		async (path) => (await stat(path)).mode & 0o777,
	);
	expect(await Promise.all(modes)).toEqual([0o700, 0o600]);
	expect(await readdir(stage.state)).toEqual(["banned"]);
});

test("a ban holds when the server starts again; what a person wrote there meanwhile counts too", async () => {
	await using room = await Stage.open(...FLAGS);
	const boss = await room.member("boss");
	boss.send({ type: "ban", who: "E.ve@gmail.com" });
	await settle(boss);
	// As an editor saves it; the next ban must not undo it.
	const byHand = "# spam\neve@gmail.com # May\n\nBy.Hand+x@googlemail.com";
	await writeFile(fileOf(room.state), byHand);
	boss.send({ type: "ban", who: "mallory@gmail.com" });
	await settle(boss);
	room.server.kill("SIGTERM");
	await room.reopen(...FLAGS);
	const kept = ["eve@gmail.com", "byhand@gmail.com", "mallory@gmail.com"];
	const text = await readFile(fileOf(room.state), "utf8");
	expect(text).toBe(`${byHand}\nmallory@gmail.com\n`);
	const answers = kept.map((email, i) => waitForDenial(botAs(room, `b${i}`, email)));
	expect(await Promise.all(answers)).toEqual(kept.map(() => "banned"));
	await room.member("carol");
});

test("what cannot be written holds until the server ends, and who banned is told", async () => {
	await using room = await Stage.open(...FLAGS);
	const boss = await room.member("boss");
	// In the way of the folder.
	await symlink(join(room.keys, "no", "where"), room.state);
	expect(await waitForRefusal(boss, { type: "ban", who: "eve@gmail.com" })).toBe("not_saved");
	await boss.waitFor({ type: "banned", by: "boss" });
	expect(await waitForDenial(room.bot("eve"))).toBe("banned");
	await room.server.waitForOutput(/cannot write .*banned/);
	expect(await waitForRefusal(boss, { type: "unban", address: "eve@gmail.com" })).toBe("not_saved");
	await room.member("eve");
	// All is written down with the first ban that can be.
	expect(await waitForRefusal(boss, { type: "ban", who: "one@gmail.com" })).toBe("not_saved");
	await rm(room.state);
	boss.send({ type: "ban", who: "two@gmail.com" });
	await settle(boss);
	expect(await banned(room)).toEqual(["one@gmail.com", "two@gmail.com"]);
});

test("an owner who was banned before comes in, and lifts it", async () => {
	await using room = await Stage.open("--owner", "ann@gmail.com");
	const ann = await room.member("ann");
	ann.send({ type: "ban", who: "boss@gmail.com" });
	await settle(ann);
	room.server.kill("SIGTERM");
	await room.reopen(...FLAGS);
	const boss = await room.member("boss");
	boss.send({ type: "unban", address: "boss@gmail.com" });
	await settle(boss);
	expect(await banned(room)).toEqual([]);
});

test("rooms that share a folder share who is banned, and neither undoes what the other does", async () => {
	await using one = await Stage.open(...FLAGS);
	await using other = await Stage.open(...FLAGS, "--state", one.state);
	const boss = await one.member("boss");
	const chief = await other.member("boss");
	boss.send({ type: "ban", who: "eve@gmail.com" });
	await settle(boss);
	expect(await waitForDenial(other.bot("eve"))).toBe("banned");
	boss.send({ type: "unban", address: "eve@gmail.com" });
	await settle(boss);
	chief.send({ type: "ban", who: "mallory@gmail.com" });
	await settle(chief);
	expect(await banned(one)).toEqual(["mallory@gmail.com"]);
	expect(await waitForDenial(one.bot("mallory"))).toBe("banned");
	await other.member("eve");
});

test("what a person writes counts from the next login on; what cannot be read changes nothing", async () => {
	await using room = await Stage.open(...FLAGS);
	const boss = await room.member("boss");
	boss.send({ type: "ban", who: "eve@gmail.com" });
	await settle(boss);
	await writeFile(fileOf(room.state), "eve@gmail.com\nmal.lory@gmail.com\n");
	expect(await waitForDenial(room.bot("mallory"))).toBe("banned");
	await writeFile(fileOf(room.state), "mallory\n");
	expect(await waitForDenial(room.bot("eve"))).toBe("banned");
	await room.server.waitForOutput(/warning: .*banned: line 1 is no address/);
	expect(await waitForRefusal(boss, { type: "ban", who: "one@gmail.com" })).toBe("not_saved");
	expect(await banned(room)).toEqual(["mallory"]);
	await writeFile(fileOf(room.state), "");
	await room.member("eve");
	expect(await waitForDenial(room.bot("one"))).toBe("banned");
});

test("so many may be banned and no more", async () => {
	await using room = await Stage.open(...FLAGS);
	await mkdir(room.state, { mode: 0o700 });
	const many = Array.from({ length: 10_000 }, (_, i) => `user${i}@gmail.com\n`).join("");
	const boss = await room.member("boss");
	// Behind the server's back: it must not write one more than it can read again.
	await writeFile(fileOf(room.state), many);
	expect(await waitForRefusal(boss, { type: "ban", who: "eve@gmail.com" })).toBe("too_many_bans");
	boss.send({ type: "bans" });
	expect((await boss.waitFor({ type: "banlist" })).addresses).toHaveLength(10_000);
	boss.send({ type: "unban", address: "user1@gmail.com" });
	boss.send({ type: "ban", who: "eve@gmail.com" });
	await boss.waitFor({ type: "banned" });
	await settle(boss);
	expect(await banned(room)).toHaveLength(10_000);
});

describe("a server that cannot know who is banned, or what to say, does not start:", () => {
	type Spoil = (path: string) => unknown;
	const start = async (flags: (folder: string) => string[], make: (folder: string) => unknown) => {
		const folder = await mkdtemp(join(tmpdir(), "fernet-chat-bans-"));
		try {
			await make(folder);
			const args = ["--port", "0", "--keys", join(folder, "keys"), ...flags(folder)];
			await using server = new Program("server.ts", args, {});
			expect(await server.exit()).toBe(1);
			expect(server.out).toBe("");
			expect(server.err.trimEnd().split("\n")).toHaveLength(1);
			return server.err;
		} finally {
			await rm(folder, { recursive: true });
		}
	};

	const files: [what: string, make: Spoil, sentence: RegExp][] = [
		["a folder", (path) => mkdir(path), /banned: it is not a regular file/],
		["a FIFO", (path) => Bun.spawnSync(["mkfifo", path]), /banned: it is not a regular file/],
		[
			"what is no address",
			(path) => writeFile(path, "a@b.cc\nhello\n"),
			/banned: line 2 is no address/,
		],
		[
			"what steers a terminal",
			(path) => writeFile(path, "\u001b[31m@"),
			/banned: line 1 is no address/,
		],
		["too many", (path) => writeFile(path, many(10_001)), /banned bans more than 10000 accounts/],
		["far too much", (path) => writeFile(path, "\n".repeat(3_000_000)), /banned: it has more than/],
	];
	const many = (count: number) => Array.from({ length: count }, (_, i) => `u${i}@a.b\n`).join("");
	test.each(files)("where there is %s", async (_, make, sentence) => {
		const error = await start(
			(folder) => ["--state", folder],
			(folder) => make(fileOf(folder)),
		);
		expect(error).toMatch(sentence);
		expect(error).not.toContain("\u001b");
	});

	test("where the state folder is a file", async () => {
		const make = (folder: string) => writeFile(join(folder, "state"), "");
		const error = await start((folder) => ["--state", join(folder, "state")], make);
		expect(error).toContain("is not a folder");
	});

	const motds: [what: string, make: Spoil][] = [
		["nothing", () => {}],
		["a folder", (path) => mkdir(path)],
		["a FIFO", (path) => Bun.spawnSync(["mkfifo", path])],
		["an empty file", (path) => writeFile(path, "\n")],
		["more than 4096 bytes", (path) => writeFile(path, `${"é".repeat(2048)}x`)],
		["more than that after a gap", (path) => writeFile(path, `be${" ".repeat(5000)}kind`)],
		["what is no UTF-8", (path) => writeFile(path, Buffer.from([0x68, 0xe9, 0x21]))],
	];
	test.each(motds)("--motd names %s", async (_, make) => {
		const flags = (folder: string) => ["--motd", join(folder, "motd")];
		expect(await start(flags, (folder) => make(join(folder, "motd")))).toMatch(/--motd .*motd/);
	});
});

test("a message of the day may be as long as it may be", async () => {
	const file = join(stage.keys, "motd");
	await writeFile(file, "é".repeat(2048));
	await using room = await Stage.open("--motd", file);
	const bot = await room.member("bot");
	expect(bot.lines[0]).toMatchObject({ motd: "é".repeat(2048) });
});
