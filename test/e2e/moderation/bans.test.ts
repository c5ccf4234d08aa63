import { expect, test } from "bun:test";
import { mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { botAs, memberAs, settle, waitForDenial, waitForRefusal } from "../../support/owners.ts";
import { Stage } from "../../support/programs.ts";
import { ann, banned, FLAGS, fileOf, stage, useBanningRoom } from "./banning-room.ts";
import { waitUntilMet } from "./meeting.ts";

// Bans: by account, in every spelling, until they are lifted.

useBanningRoom();

test("a ban removes a member, says by whom and why, and holds for every spelling of the address", async () => {
	const eve = await memberAs(stage, "eve", "e.Ve+chat@gmail.com");
	await waitUntilMet(ann, eve);
	ann.send({ type: "ban", who: "EVE", reason: "spam" });
	expect(await eve.exit()).toBe(2);
	const text = "ann banned you from the room: spam";
	expect(eve.lines.at(-1)).toEqual({ type: "closed", reason: "banned", text });
	await ann.waitFor({ type: "left", name: "eve" });
	const spellings = [
		...["eve@gmail.com", "EVE@GMAIL.COM", "e.v.e@gmail.com", "eve+other@gmail.com"],
		...["eve@googlemail.com", "E.ve+x.y@GoogleMail.com"],
	];
	const answers = spellings.map((email, i) => waitForDenial(botAs(stage, `eve${i}`, email)));
	expect(await Promise.all(answers)).toEqual(spellings.map(() => "banned"));
	// The ban affects neither another account nor the name.
	await memberAs(stage, "eve", "eve@work.example");
	expect(await banned(stage)).toContain("eve@gmail.com");
});

test("an address can be banned whether its account is here or not, in any spelling", async () => {
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

test("banned accounts are limited in number", async () => {
	await using room = await Stage.local(...FLAGS);
	await mkdir(room.state, { mode: 0o700 });
	const many = Array.from({ length: 10_000 }, (_, i) => `user${i}@gmail.com\n`).join("");
	const boss = await room.member("boss");
	// The file is full now: the server must not write more bans than it can read again.
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
