import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "../../support/eventually.ts";
import { LocalClient } from "../../support/local-client.ts";
import { addressOf, PASSWORD } from "../../support/mailbox.ts";
import { waitForDenial, waitForRefusal } from "../../support/owners.ts";
import { Peer } from "../../support/peer.ts";
import { Bot, type Json, Stage } from "../../support/programs.ts";

// Which devices are remembered, and how they end: at one's own wish, and at an owner's.

let stage: Stage;
let boss: Bot;
let homes: string;
beforeAll(async () => {
	homes = await mkdtemp(join(tmpdir(), "fernet-chat-homes-"));
	stage = await Stage.local("--owner", "boss@gmail.com", "--remember-days", "30");
	boss = await stage.member("boss");
});
afterAll(async () => {
	await stage[Symbol.asyncDispose]();
	await rm(homes, { recursive: true });
});

const args = (name: string): string[] =>
	stage.clientArgs("--name", name, "--email", addressOf(name), "--remember");

/** A bot of one account on one of its devices. */
function start(name: string, device: string, password?: string): Bot {
	const secret: Record<string, string> = password ? { FERNET_CHAT_PASSWORD: password } : {};
	return stage.tidy(Bot.local(args(name), { XDG_CONFIG_HOME: join(homes, device), ...secret }));
}

async function enter(name: string, device: string, password?: string): Promise<Bot> {
	const bot = start(name, device, password);
	await bot.waitFor({ type: "welcome", remembered: true });
	return bot;
}

/** The files of a device with what it logs in with. */
const kept = async (device: string): Promise<string[]> =>
	(await readdir(join(homes, device, "fernet-chat"))).filter((name) => name.startsWith("device-"));

async function ask(bot: Bot, request: Json, answer: string): Promise<Json> {
	bot.send(request);
	return bot.waitFor({ type: answer });
}

const unknown = async (name: string, device: string): Promise<void> =>
	expect(await waitForDenial(start(name, device))).toBe("device_unknown");

test("one's own devices are listed, the last one first, and this one marked; nobody else's", async () => {
	const before = Date.now();
	await enter("ann", "laptop", PASSWORD);
	await enter("ann", "desktop", PASSWORD);
	await enter("bob", "bob's", PASSWORD);
	const bot = await enter("ann", "laptop");
	const { devices } = await ask(bot, { type: "devices" }, "device_list");
	const time = expect.any(Number);
	expect(devices).toEqual([
		{ made: time, used: time, current: true },
		{ made: time, used: time },
	]);
	const [{ made, used }] = devices as [{ made: number; used: number }];
	expect([before, made, used, Date.now()]).toEqual([before, made, used, Date.now()].toSorted());
});

test("this device, or all, are forgotten at one's own wish, and nobody is sent away", async () => {
	for (const device of ["one", "two", "three"]) await enter("cid", device, PASSWORD);
	const one = await enter("cid", "one");
	expect(await ask(one, { type: "sign_out" }, "signed_out")).toMatchObject({ count: 1 });
	// What is worth nothing any more does not lie about.
	expect([await kept("one"), (await kept("two")).length]).toEqual([[], 1]);
	one.say("still here");
	await one.waitFor({ type: "said", text: "still here" });
	await unknown("cid", "one");
	const two = await enter("cid", "two");
	expect(await ask(two, { type: "sign_out", all: true }, "signed_out")).toMatchObject({ count: 2 });
	expect(await kept("two")).toEqual([]);
	await unknown("cid", "two");
	await unknown("cid", "three");
	const plain = stage.bot("cid");
	await plain.waitFor({ type: "welcome" });
	expect(await ask(plain, { type: "sign_out" }, "signed_out")).toMatchObject({ count: 0 });
	expect(await ask(plain, { type: "devices" }, "device_list")).toMatchObject({ devices: [] });
});

test("an owner signs somebody out by name or address, and nobody else does", async () => {
	await enter("dan", "dan's", PASSWORD);
	const dan = await enter("dan", "dan's");
	const eve = await stage.member("eve");
	await boss.waitFor({ type: "joined", name: "eve" });
	await eve.waitFor({ type: "welcome" });
	for (const request of [
		{ type: "sign_out_member", who: "dan" },
		{ type: "sign_out_member", who: "dan@gmail.com" },
	]) {
		expect(await waitForRefusal(eve, request)).toBe("not_owner");
		const answers = () => boss.lines.filter(({ type }) => type === "signed_out");
		const before = answers().length;
		boss.send(request);
		await eventually("an answer", () => answers().length > before);
		expect(answers().at(-1)).toEqual({ type: "signed_out", count: 1 });
		await unknown("dan", "dan's");
		await enter("dan", "dan's", PASSWORD);
	}
	expect(await waitForRefusal(boss, { type: "sign_out_member", who: "nobody1" })).toBe(
		"no_such_member",
	);
	expect(dan.lines.some(({ type }) => type === "signed_out")).toBe(false);
	await stage.server.waitForOutput(
		"owner_command boss boss@gmail.com sign_out_member: dan@gmail.com",
	);
});

test("a ban ends the account's devices for good", async () => {
	const fay = await enter("fay", "fay's", PASSWORD);
	boss.send({ type: "ban", who: "fay@gmail.com" });
	await boss.waitFor({ type: "banned", name: "fay" });
	expect(await fay.exit()).toBe(2);
	expect(await kept("fay's")).toEqual([]);
	boss.send({ type: "unban", address: "fay@gmail.com" });
	await boss.waitFor({ type: "unbanned" });
	await unknown("fay", "fay's");
});

test("after a break it is still this device", async () => {
	const login = { type: "login", name: "gil", email: "gil@gmail.com" };
	const first = Peer.greeting(stage);
	first.send({ ...login, password: PASSWORD, remember: true });
	await first.waitFor("welcome");
	first.cut();
	const again = await Peer.resume(stage, first);
	again.send({ type: "devices" });
	expect(await again.waitFor("device_list")).toMatchObject({ devices: [{ current: true }] });
});

test("what cannot be saved holds all the same, until the server stops, and is said", async () => {
	await enter("hal", "hal's", PASSWORD);
	const bot = await enter("hal", "hal's");
	const file = join(stage.state, "devices");
	await rename(file, `${file}.kept`);
	await mkdir(file);
	expect(await waitForRefusal(bot, { type: "sign_out", all: true })).toBe("not_saved");
	await unknown("hal", "hal's");
	await rm(file, { recursive: true });
	await rename(`${file}.kept`, file);
	await unknown("hal", "hal's");
});

test("a person types it, and reads what came of it", async () => {
	const env = { XDG_CONFIG_HOME: join(homes, "ida's"), FERNET_CHAT_PASSWORD: PASSWORD };
	await using client = new LocalClient(args("ida"), env);
	await client.waitForOutput("You are ida");
	client.write("/devices\n");
	await client.waitForOutput(
		/1 remembered device:\n {2}┊ since .* {2}last login .* {2}\(this one\)\n/,
	);
	client.write("/signout bob\n");
	await client.waitForOutput("Only an owner of the room can do that.");
	expect(await kept("ida's")).toHaveLength(1);
	client.write("/signout\n");
	await client.waitForOutput("1 device must log in with a password or code the next time.");
	client.write("/devices\n");
	await client.waitForOutput("None of your devices is remembered here.");
	expect(await kept("ida's")).toEqual([]);
	client.write("/signout all\n");
	await client.waitForOutput("No device was remembered.");
});
