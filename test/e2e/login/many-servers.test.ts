import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { reason } from "../../../lib/wire/errors/reason.ts";
import { deviceField } from "../../../lib/wire/messages/fields.ts";
import { eventually } from "../../support/eventually.ts";
import { addressOf, PASSWORD } from "../../support/mailbox.ts";
import { memberAs, waitForDenial, waitForRefusal } from "../../support/owners.ts";
import { type Bot, type Json, Stage } from "../../support/programs.ts";
import { Redis } from "../../support/redis.ts";
import { Screen } from "../../support/terminal.ts";
import { another, codeFor, logIn, say } from "./code-login.ts";

// Accounts in a room of two servers, each with its own keys, state folder and mailbox: what one of them
// was told about an account, the other knows.

let redis: Redis;
let folder: string;
let one: Stage;
let two: Stage;
const FLAGS = ["--owner", "boss@gmail.com", "--remember-days", "30"];

beforeAll(async () => {
	redis = await Redis.start();
	folder = await mkdtemp(join(tmpdir(), "fernet-chat-many-"));
	one = await open();
	two = await open();
});
afterAll(async () => {
	await one[Symbol.asyncDispose]();
	await two[Symbol.asyncDispose]();
	await redis[Symbol.asyncDispose]();
	await rm(folder, { recursive: true });
});

const room = (): string[] => ["--room", redis.url, "--room-key", join(folder, "room.key")];
const open = (...flags: string[]): Promise<Stage> =>
	Stage.openWith({ isLocal: true, isMailing: true }, ...room(), ...FLAGS, ...flags);

const withPassword = (stage: Stage, name: string, proof: object = {}): Promise<Json> =>
	say(stage, { type: "login", name, email: addressOf(name), password: PASSWORD, ...proof });
const withDevice = (stage: Stage, name: string, device: unknown): Promise<Json> =>
	say(stage, { type: "login", name, email: addressOf(name), device });

/** Logs in with a password, and is remembered. */
async function remembered(stage: Stage, name: string): Promise<string> {
	const { device } = await withPassword(stage, name, { remember: true });
	if (!deviceField.is(device)) throw new Error("nothing to log in with");
	return device;
}

async function ask(bot: Bot, request: Json, answer: string): Promise<Json> {
	bot.send(request);
	return bot.waitFor({ type: answer });
}

/** Until a server has written its file of bans. */
const isInFile = (stage: Stage, account: string, isBanned = true): Promise<true> =>
	eventually(`${account} in the file`, async () => {
		const text = await readFile(join(stage.state, "banned"), "utf8").catch(() => "");
		return text.split("\n").includes(account) === isBanned;
	});

test("a code that one server mailed logs in at the other, and wrong ones count at both", async () => {
	const email = addressOf("ann");
	const { ticket, code } = await codeFor(one, email);
	const wrong = { ticket, code: another(code) };
	expect(await logIn(two, email, wrong)).toMatchObject({ code: "wrong_code" });
	expect(await logIn(one, email, wrong)).toMatchObject({
		text: expect.stringContaining("3 tries"),
	});
	expect(await logIn(two, email, { ticket, code })).toMatchObject({ type: "welcome" });
	expect(await logIn(one, email, { ticket, code })).toMatchObject({ code: "code_expired" });
});

test("a device that one server remembers logs in at the other, and is listed and signed out there", async () => {
	const first = await remembered(one, "bob");
	const { device: second } = await withDevice(two, "bob", first);
	const { device: third } = await withDevice(one, "bob", second);
	expect(new Set([first, second, third].filter(deviceField.is)).size).toBe(3);
	const bob = await two.member("bob");
	expect((await ask(bob, { type: "devices" }, "device_list")).devices).toHaveLength(1);
	expect(await ask(bob, { type: "sign_out", all: true }, "signed_out")).toMatchObject({ count: 1 });
	expect(await withDevice(one, "bob", third)).toMatchObject({ code: "device_unknown" });
});

test("of two logins with one secret at one moment, one is told to come again, and neither ends the device", async () => {
	let device: unknown = await remembered(one, "dan");
	await eventually("two that met", async () => {
		const answers = await Promise.all([one, two].map((stage) => withDevice(stage, "dan", device)));
		const welcomed = answers.filter(({ type }) => type === "welcome");
		// Nobody is let in without the secret for the next time.
		for (const welcome of welcomed) expect(welcome.device).toSatisfy(deviceField.is);
		const codes = answers.flatMap(({ type, code }) => (type === "denied" ? [code] : []));
		expect(codes).toEqual(Array(2 - welcomed.length).fill("busy"));
		expect(welcomed.length).toBeGreaterThan(0);
		device = welcomed[0]?.device;
		return codes.length === 1;
	});
	expect(await withDevice(two, "dan", device)).toMatchObject({ type: "welcome" });
});

test("an owner at one server signs out and bans whoever is at the other, for good", async () => {
	const cid = await remembered(one, "cid");
	const eve = await remembered(two, "eve");
	const boss = await memberAs(two, "boss", "boss@gmail.com");
	const request = { type: "sign_out_member", who: addressOf("cid") };
	expect(await ask(boss, request, "signed_out")).toMatchObject({ count: 1 });
	expect(await withDevice(one, "cid", cid)).toMatchObject({ code: "device_unknown" });
	boss.send({ type: "ban", who: addressOf("eve"), id: "b1" });
	await isInFile(one, addressOf("eve"));
	await isInFile(two, addressOf("eve"));
	expect(await withPassword(one, "eve")).toMatchObject({ code: "banned" });
	boss.send({ type: "unban", address: addressOf("eve"), id: "u1" });
	await isInFile(one, addressOf("eve"), false);
	await isInFile(two, addressOf("eve"), false);
	// The ban has taken her device with it.
	expect(await withDevice(one, "eve", eve)).toMatchObject({ code: "device_unknown" });
	expect(await withPassword(one, "eve")).toMatchObject({ type: "welcome" });
});

test("what a person writes into one server's file of bans is in the other's", async () => {
	await writeFile(join(one.state, "banned"), "mal@gmail.com\n", { mode: 0o600 });
	await isInFile(two, "mal@gmail.com");
	expect(await withPassword(two, "mal")).toMatchObject({ code: "banned" });
	await writeFile(join(two.state, "banned"), "");
	await isInFile(one, "mal@gmail.com", false);
	expect(await withPassword(one, "mal")).toMatchObject({ type: "welcome" });
});

test("a server that was down learns who was banned meanwhile, also in a room that has ended since", async () => {
	two.server.kill();
	await two.server.exit();
	const boss = await memberAs(one, "boss", "boss@gmail.com");
	for (const name of ["kim", "lou"]) boss.send({ type: "ban", who: addressOf(name), id: name });
	await isInFile(one, addressOf("lou"));
	await two.reopen(...room(), ...FLAGS);
	await isInFile(two, addressOf("lou"));
	expect(await withPassword(two, "kim")).toMatchObject({ code: "banned" });
	two.server.kill();
	await two.server.exit();
	boss.send({ type: "unban", address: addressOf("kim"), id: "u2" });
	boss.send({ type: "ban", who: addressOf("pat"), id: "b2" });
	await isInFile(one, addressOf("pat"));
	boss.send({ type: "close", id: "c1" });
	expect(await one.server.exit()).toBe(0);
	await two.reopen(...room(), ...FLAGS);
	await two.server.waitForOutput("The room is open");
	const denials = await Promise.all([two.bot("pat"), two.bot("lou")].map(waitForDenial));
	expect(denials).toEqual(["banned", "banned"]);
	expect(await withPassword(two, "kim")).toMatchObject({ type: "welcome" });
	await one.reopen(...room(), ...FLAGS);
	await isInFile(one, addressOf("kim"), false);
});

test("while Redis is gone, whoever logs in reads why not, and a member's devices stay as they are", async () => {
	await remembered(one, "ned");
	const ned = await one.member("ned");
	await redis.stop();
	expect(await waitForRefusal(ned, { type: "devices" })).toBe("try_later");
	expect(await waitForRefusal(ned, { type: "sign_out", all: true, id: "s1" })).toBe("try_later");
	const { code, text } = reason("store_unavailable", true);
	expect(await logIn(two, addressOf("ann"), { password: PASSWORD })).toMatchObject({ code, text });
	const who = ["--name", "ann", "--email", addressOf("ann")];
	await using screen = new Screen("client.ts", two.clientArgs(...who), {
		env: { FERNET_CHAT_PASSWORD: PASSWORD },
	});
	await screen.waitForText(text.replaceAll(" ", "\\s+"));
	expect(await screen.exit()).toBe(5);
	await redis.restart();
	const { devices } = await ask(ned, { type: "devices" }, "device_list");
	expect(devices).toHaveLength(1);
});
