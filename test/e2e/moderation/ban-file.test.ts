import { describe, expect, test } from "bun:test";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalServer } from "../../support/local-server.ts";
import { botAs, settle, waitForDenial, waitForRefusal } from "../../support/owners.ts";
import { Stage } from "../../support/programs.ts";
import { banned, FLAGS, fileOf, stage, useBanningRoom } from "./banning-room.ts";

// The file of bans: kept across restarts, edited by hand, shared by rooms.

useBanningRoom();

test("a ban holds when the server starts again; what a person wrote there meanwhile counts too", async () => {
	await using room = await Stage.local(...FLAGS);
	const boss = await room.member("boss");
	boss.send({ type: "ban", who: "E.ve@gmail.com" });
	await settle(boss);
	// A person edits the file meanwhile; the next ban must not undo that.
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
	await using room = await Stage.local(...FLAGS);
	const boss = await room.member("boss");
	// The link is in the way of the folder, so the server cannot write there.
	await symlink(join(room.keys, "no", "where"), room.state);
	expect(await waitForRefusal(boss, { type: "ban", who: "eve@gmail.com" })).toBe("not_saved");
	await boss.waitFor({ type: "banned", by: "boss" });
	expect(await waitForDenial(room.bot("eve"))).toBe("banned");
	await room.server.waitForOutput(/Cannot save the ban list .*banned/);
	expect(await waitForRefusal(boss, { type: "unban", address: "eve@gmail.com" })).toBe("not_saved");
	await room.member("eve");
	// The first ban that the server can save saves the earlier ones, too.
	expect(await waitForRefusal(boss, { type: "ban", who: "one@gmail.com" })).toBe("not_saved");
	await rm(room.state);
	boss.send({ type: "ban", who: "two@gmail.com" });
	await settle(boss);
	expect(await banned(room)).toEqual(["one@gmail.com", "two@gmail.com"]);
});

test("a server starts with a file that a person edited elsewhere, and says which line it cannot read", async () => {
	await using room = await Stage.local(...FLAGS);
	room.server.kill("SIGTERM");
	await room.server.exit();
	await mkdir(room.state, { recursive: true, mode: 0o700 });
	await writeFile(fileOf(room.state), "\uFEFF# spam\r\neve@gmail,com\r\nmallory@gmail.com\r\n");
	await room.reopen(...FLAGS);
	await room.server.waitForOutput(
		/warning: Cannot read line 2 of the ban list .*anyone it was to ban can join/,
	);
	expect(await waitForDenial(room.bot("mallory"))).toBe("banned");
	await room.member("bob");
});

test("an owner who was banned before comes in, and lifts it", async () => {
	await using room = await Stage.local("--owner", "ann@gmail.com");
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
	await using one = await Stage.local(...FLAGS);
	await using other = await Stage.local(...FLAGS, "--state", one.state);
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
	await using room = await Stage.local(...FLAGS);
	const boss = await room.member("boss");
	boss.send({ type: "ban", who: "eve@gmail.com" });
	await settle(boss);
	await writeFile(fileOf(room.state), "eve@gmail.com\nmal.lory@gmail.com\n");
	expect(await waitForDenial(room.bot("mallory"))).toBe("banned");
	await writeFile(fileOf(room.state), "mallory\r\nbob@gmail.com\r\n");
	expect(await waitForDenial(room.bot("bob"))).toBe("banned");
	expect(await waitForDenial(room.bot("eve"))).toBe("banned");
	await room.server.waitForOutput(/warning: Cannot read line 1 of the ban list .*banned/);
	await writeFile(fileOf(room.state), "mallory\0\n");
	expect(await waitForDenial(room.bot("eve"))).toBe("banned");
	await room.server.waitForOutput(/warning: .*banned: line 1 is not UTF-8 text/);
	expect(await waitForRefusal(boss, { type: "ban", who: "one@gmail.com" })).toBe("not_saved");
	expect(await banned(room)).toEqual(["mallory\0"]);
	await writeFile(fileOf(room.state), "");
	await room.member("eve");
	expect(await waitForDenial(room.bot("one"))).toBe("banned");
});

test("an account that an owner unbanned, and a person then banned by hand, is kept out", async () => {
	await using room = await Stage.local(...FLAGS);
	const boss = await room.member("boss");
	boss.send({ type: "ban", who: "eve@gmail.com" });
	await settle(boss);
	await writeFile(fileOf(room.state), "eve@gmail.com\n<kim@gmail.com>\n");
	boss.send({ type: "unban", address: "eve@gmail.com" });
	await settle(boss);
	await writeFile(fileOf(room.state), "kim@gmail.com\neve@gmail.com # again\n");
	expect(await waitForDenial(room.bot("eve"))).toBe("banned");
	boss.send({ type: "ban", who: "mallory@gmail.com" });
	await settle(boss);
	expect(await banned(room)).toEqual([
		"kim@gmail.com",
		"eve@gmail.com # again",
		"mallory@gmail.com",
	]);
});

describe("a server that cannot know who is banned, or what to say, does not start:", () => {
	type Spoil = (path: string) => unknown;
	const start = async (flags: (folder: string) => string[], make: (folder: string) => unknown) => {
		const folder = await mkdtemp(join(tmpdir(), "fernet-chat-bans-"));
		try {
			await make(folder);
			const args = ["--port", "0", "--keys", join(folder, "keys"), ...flags(folder)];
			await using server = new LocalServer(args, {});
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
			"what is no text",
			(path) => writeFile(path, Buffer.from("eve@gmail.com\n", "utf16le")),
			/banned: line 1 is not UTF-8 text/,
		],
		["too many", (path) => writeFile(path, many(10_001)), /banned has more than 10,000 accounts/],
		["far too much", (path) => writeFile(path, "\n".repeat(3_000_000)), /banned: it has more than/],
	];
	const many = (count: number) => Array.from({ length: count }, (_, i) => `u${i}@a.b\n`).join("");
	test.each(files)("where there is %s", async (_, make, sentence) => {
		const error = await start(
			(folder) => ["--state", folder],
			(folder) => make(fileOf(folder)),
		);
		expect(error).toMatch(sentence);
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
		expect(await start(flags, (folder) => make(join(folder, "motd")))).toMatch(/^--motd: .*motd/);
	});
});

test("a message of the day may be as long as it may be", async () => {
	const file = join(stage.keys, "motd");
	await writeFile(file, "é".repeat(2048));
	await using room = await Stage.local("--motd", file);
	const bot = await room.member("bot");
	expect(bot.lines[0]).toMatchObject({ motd: "é".repeat(2048) });
});
