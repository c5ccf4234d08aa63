import { expect, test } from "bun:test";
import { cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "../../support/eventually.ts";
import type { Bot } from "../../support/programs.ts";
import { KeptRoom } from "./kept-room.ts";

// A loss of power took the end of the room's log: members know more than the room does.

test("members who got what the room has lost are told so, and log in again to a room that goes on", async () => {
	await using kept = await KeptRoom.open({}, "--owner", "ann@gmail.com");
	const { stage, folder } = kept;
	const earlier = mkdtempSync(join(tmpdir(), "fernet-chat-earlier-"));
	const [ann, bob] = [await stage.member("ann"), await stage.member("bob")];
	ann.send({ type: "title", title: "before" });
	ann.say("on the disk");
	await bob.waitFor({ type: "said", text: "on the disk" });
	cpSync(folder, earlier, { recursive: true });
	ann.say("in the air");
	for (const bot of [ann, bob]) await bot.waitFor({ type: "said", text: "in the air" });
	await kept.stop("SIGKILL");
	for (const name of readdirSync(folder)) rmSync(join(folder, name));
	cpSync(earlier, folder, { recursive: true });
	rmSync(earlier, { recursive: true });
	await kept.start();
	const welcomes = (bot: Bot) => bot.lines.filter(({ type }) => type === "welcome");
	for (const bot of [ann, bob]) {
		await bot.waitFor({ type: "rejoining", code: "room_went_back" });
		await eventually("a second welcome", () => welcomes(bot).length === 2);
		expect(welcomes(bot)[1]).toMatchObject({ title: "before", members: [{}, {}] });
	}
	ann.say("on solid ground");
	await bob.waitFor({ type: "said", text: "on solid ground" });
});
