import { expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { eventually } from "../../support/eventually.ts";
import { settle, waitForDenial } from "../../support/owners.ts";
import type { Bot, Json } from "../../support/programs.ts";
import { KeptRoom } from "../reconnect/kept-room.ts";
import { FLAGS, fileOf } from "./banning-room.ts";

// The file of bans and a room file: who edits the one by hand edits the room in the other.

async function listed(boss: Bot): Promise<unknown> {
	const lists = (): Json[] => boss.lines.filter(({ type }) => type === "banlist");
	const before = lists().length;
	boss.send({ type: "bans" });
	return (await eventually("the list", () => lists().slice(before).at(-1))).addresses;
}

async function waitForReturn(boss: Bot, times: number): Promise<void> {
	const count = (): number => boss.lines.filter(({ type }) => type === "online").length;
	await eventually(`${times} returns`, () => count() >= times);
}

test("an edit by hand is an entry of the room; one made while no server runs wins over the room", async () => {
	await using kept = await KeptRoom.open({}, ...FLAGS);
	const { stage } = kept;
	const boss = await stage.member("boss");
	boss.send({ type: "ban", who: "eve@gmail.com" });
	await settle(boss);
	await writeFile(fileOf(stage.state), "eve@gmail.com\nmallory@gmail.com # by hand\n");
	expect(await listed(boss)).toEqual(["eve@gmail.com", "mallory@gmail.com"]);

	await kept.stop("SIGKILL");
	expect(kept.contents).toContain('"added":["mallory@gmail.com"],"removed":[]');
	await kept.start();
	await waitForReturn(boss, 1);
	expect(await listed(boss)).toEqual(["eve@gmail.com", "mallory@gmail.com"]);
	boss.send({ type: "unban", address: "mallory@gmail.com" });
	await settle(boss);
	expect(await listed(boss)).toEqual(["eve@gmail.com"]);

	await kept.stop("SIGTERM");
	await writeFile(fileOf(stage.state), "trudy@gmail.com\n");
	await kept.start();
	await waitForReturn(boss, 2);
	expect(await listed(boss)).toEqual(["trudy@gmail.com"]);
	expect(await waitForDenial(stage.bot("trudy"))).toBe("banned");
	await stage.member("eve");
	expect(await Bun.file(fileOf(stage.state)).text()).toBe("trudy@gmail.com\n");
});
