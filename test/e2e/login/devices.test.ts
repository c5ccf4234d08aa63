import { afterAll, beforeAll, expect, test } from "bun:test";
import { readdir, readFile, stat, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { deviceField } from "../../../lib/wire/messages/fields.ts";
import { eventually } from "../../support/eventually.ts";
import { addressOf, PASSWORD, tokenOf } from "../../support/mailbox.ts";
import { Peer } from "../../support/peer.ts";
import { type Json, Stage } from "../../support/programs.ts";
import { say } from "./code-login.ts";

// Devices that log in without a password, as the protocol has it: by a client written for the tests.

let stage: Stage;
let list: string;
const FLAGS = ["--remember-days", "30", "--owner", "boss@gmail.com", "--allow-file"];
beforeAll(async () => {
	stage = await Stage.open();
	list = join(stage.keys, "guests");
	await writeFile(list, "@gmail.com\n");
	await restart();
});
afterAll(() => stage[Symbol.asyncDispose]());

async function restart(signal: NodeJS.Signals = "SIGTERM", ...flags: string[]): Promise<void> {
	stage.server.kill(signal);
	await stage.reopen(...FLAGS, list, ...flags);
}

const logIn = (name: string, proof: object, email = addressOf(name)): Promise<Json> =>
	say(stage, { type: "login", name, email, ...proof });
const withDevice = (name: string, device: unknown): Promise<Json> => logIn(name, { device });

/** Logs in with a password, and is remembered. */
async function remembered(name: string, proof: object = { password: PASSWORD }): Promise<string> {
	const { device } = await logIn(name, { ...proof, remember: true });
	if (!deviceField.is(device)) throw new Error("nothing to log in with");
	return device;
}

const askedFor = (name: string): number =>
	stage.logins.filter((email) => email === addressOf(name)).length;

test("a device that was remembered logs in, each time with another secret, and no mail server is asked", async () => {
	expect(await logIn("ann", { password: PASSWORD })).not.toHaveProperty("device");
	const secrets = [await remembered("ann")];
	for (let i = 0; i < 3; i++) {
		const welcome = await withDevice("ann", secrets.at(-1));
		expect(welcome).toMatchObject({ type: "welcome", name: "ann" });
		secrets.push(String(welcome.device));
		if (i === 1) await restart();
	}
	expect(new Set(secrets.filter(deviceField.is)).size).toBe(4);
	expect(askedFor("ann")).toBe(2);
	const file = join(stage.state, "devices");
	expect((await stat(file)).mode & 0o777).toBe(0o600);
	const files = (await readdir(stage.state)).map((name) =>
		readFile(join(stage.state, name), "utf8"),
	);
	const seen = [...(await Promise.all(files)), stage.server.out, stage.server.err].join("\n");
	for (const secret of secrets) {
		for (const part of [secret.slice(0, 32), secret.slice(32)]) expect(seen).not.toContain(part);
	}
});

test("a stolen secret that was superseded ends the device for both, and the log says so", async () => {
	const stolen = await remembered("kim");
	const { device: hers } = await withDevice("kim", stolen);
	const { device: next } = await withDevice("kim", hers);
	expect(await withDevice("kim", stolen)).toMatchObject({ type: "denied", code: "device_reused" });
	expect(await withDevice("kim", next)).toMatchObject({ type: "denied", code: "device_unknown" });
	await stage.server.waitForOutput(/ refused \S+ kim@gmail\.com from \S+ device_reused: /);
	expect(await logIn("kim", { password: PASSWORD })).toMatchObject({ type: "welcome" });
});

test("it is nobody else's proof, and no second one", async () => {
	const device = await remembered("dora");
	expect(await logIn("eve", { device })).toMatchObject({ code: "device_unknown" });
	expect(await logIn("eve", { device, password: PASSWORD })).toMatchObject({ code: "bad_field" });
	expect(await logIn("dora", { device: device.toUpperCase() })).toMatchObject({
		code: "bad_field",
	});
	expect(await logIn("dora", { device }, "D.ora+x@googlemail.com")).toMatchObject({
		type: "welcome",
	});
});

test("a guest list that changes and a ban count at each login, and say so only to its own device", async () => {
	const device = await remembered("fay");
	const wrong = "0".repeat(96);
	await writeFile(list, "@school.edu\n");
	expect(await withDevice("fay", device)).toMatchObject({ code: "not_allowed" });
	expect(await withDevice("fay", wrong)).toMatchObject({ code: "device_unknown" });
	await writeFile(list, "@gmail.com\n");
	const { device: next } = await withDevice("fay", device);
	await writeFile(join(stage.state, "banned"), "fay@gmail.com\n", { mode: 0o600 });
	expect(await withDevice("fay", next)).toMatchObject({ code: "banned" });
	expect(await withDevice("fay", wrong)).toMatchObject({ code: "device_unknown" });
	await unlink(join(stage.state, "banned"));
	// What was denied used nothing up.
	expect(await withDevice("fay", next)).toMatchObject({ type: "welcome" });
});

test("a device counts as the method that it was remembered by", async () => {
	const byToken = await remembered("gil", { token: tokenOf("gil@gmail.com") });
	const byPassword = await remembered("hal");
	await restart("SIGTERM", "--methods", "password");
	expect(await withDevice("gil", byToken)).toMatchObject({ code: "method_not_accepted" });
	const { device } = await withDevice("hal", byPassword);
	await restart("SIGTERM", "--remember-days", "0");
	expect(await withDevice("hal", device)).toMatchObject({ code: "device_unknown" });
	expect(await logIn("hal", { password: PASSWORD, remember: true })).not.toHaveProperty("device");
	await restart();
	expect(await withDevice("gil", byToken)).toMatchObject({ type: "welcome" });
	expect(await withDevice("hal", device)).toMatchObject({ type: "welcome" });
});

test("a login that the room denies leaves no device behind, and uses none up", async () => {
	const device = await remembered("ida");
	await logIn("jim", { password: PASSWORD });
	const taken = (proof: object) => logIn("JIM", proof, "ida@gmail.com");
	const before = await readFile(join(stage.state, "devices"), "utf8");
	expect(await taken({ device })).toMatchObject({ code: "name_taken" });
	expect(await taken({ password: PASSWORD, remember: true })).toMatchObject({ code: "name_taken" });
	expect(await readFile(join(stage.state, "devices"), "utf8")).toBe(before);
	expect(await withDevice("ida", device)).toMatchObject({ type: "welcome" });
});

const MOMENTS: [when: string, until: (peer: Peer, changed: () => Promise<boolean>) => unknown][] = [
	["it has the login", () => {}],
	["it has saved the next secret", (_, changed) => eventually("a change", changed)],
	["it has answered", (peer) => peer.waitFor("welcome")],
];
test.each(MOMENTS)("a server that is killed when %s shuts out no device", async (_, until) => {
	const file = join(stage.state, "devices");
	const before = await withDevice("liv", await remembered("liv"));
	const { ino } = await stat(file);
	const asked = askedFor("liv");
	const peer = Peer.greeting(stage);
	peer.send({ type: "login", name: "liv", email: "liv@gmail.com", device: before.device });
	await until(peer, async () => (await stat(file)).ino !== ino);
	await restart("SIGKILL");
	// The answer is lost. The client still has the older one.
	const { device } = await withDevice("liv", before.device);
	expect(deviceField.is(device)).toBe(true);
	expect(await withDevice("liv", device)).toMatchObject({ type: "welcome" });
	expect(askedFor("liv")).toBe(asked);
});
