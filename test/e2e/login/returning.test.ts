import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FaultProxy } from "../../support/fault.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Peer } from "../../support/peer.ts";
import { Program, Stage } from "../../support/programs.ts";
import { Screen } from "../../support/terminal.ts";
import { waitForMessage, waitUntilTyped } from "../terminal/visit.ts";

// Somebody whose device is remembered comes back after their place is lost.

let stage: Stage;
let homes: string;
beforeAll(async () => {
	homes = await mkdtemp(join(tmpdir(), "fernet-chat-homes-"));
	const owner = ["--owner", "boss@gmail.com"];
	stage = await Stage.local(...owner, "--remember-days", "30", "--grace", "1");
});
afterAll(async () => {
	await stage[Symbol.asyncDispose]();
	await rm(homes, { recursive: true });
});

const who = (name: string): string[] => ["--name", name, "--email", `${name}@gmail.com`];

/** A person on a terminal who gives the password, and says yes to being remembered. */
async function enter(name: string, port = stage.port): Promise<Screen> {
	const args = [`127.0.0.1:${port}`, "--keys", stage.keys, ...who(name)];
	const env = { XDG_CONFIG_HOME: join(homes, name) };
	const screen = new Screen("client.ts", args, { env, rows: 60, isLocal: true });
	await screen.waitForText(/[◆▲] {2}Password/);
	screen.type(`${PASSWORD}\r`);
	await screen.waitForText("Remember this device?");
	screen.type("y");
	await screen.waitForText(`You are ${name}`);
	return screen;
}

const kept = async (name: string): Promise<string[]> =>
	(await readdir(join(homes, name, "fernet-chat"))).filter((file) => file.startsWith("device-"));

/** Breaks a connection for longer than the place is kept, and mends it. */
async function loseThePlace(name: string, screen: Screen, proxy: FaultProxy, peer: Peer) {
	proxy.refuses = true;
	proxy.cut();
	await waitForMessage(peer, { type: "left", name });
	proxy.refuses = false;
	await screen.waitForText("Press Enter to log in again.");
	screen.type("\r");
	for (const label of ["User name", "Mail address"]) {
		await screen.waitForText(RegExp(`[◆▲] {2}${label}`));
		screen.type("\r");
	}
}

test("Enter is enough after the grace time, and the line begun before is there", async () => {
	await using proxy = await FaultProxy.open(stage.port);
	await using bob = await Peer.member(stage, "bob");
	await using screen = await enter("ann", proxy.port);
	screen.type("half a li");
	await waitUntilTyped(screen, "half a li|");
	await loseThePlace("ann", screen, proxy, bob);
	await screen.waitForText(/The server remembers this device\.[\s\S]*You are ann/);
	expect(screen.text.split(/[◆▲◇] {2}Password/)).toHaveLength(2);
	expect(stage.logins.filter((email) => email === "ann@gmail.com")).toHaveLength(1);
	await waitUntilTyped(screen, "half a li|");
	screen.type("ne\r");
	await waitForMessage(bob, { type: "said", from: "ann", text: "half a line" });
});

test("who has signed out is asked for the password, and whether to be remembered", async () => {
	await using proxy = await FaultProxy.open(stage.port);
	await using bob = await Peer.member(stage, "bob");
	await using screen = await enter("cyd", proxy.port);
	expect(await kept("cyd")).toHaveLength(1);
	screen.type("/signout\r");
	await screen.waitForText("1 device must log in with a password or code the next time.");
	expect(await kept("cyd")).toEqual([]);
	await loseThePlace("cyd", screen, proxy, bob);
	await screen.waitForText(/[◆▲] {2}Password/);
	screen.type(`${PASSWORD}\r`);
	await screen.waitForText(/[◆▲] {2}Remember this device\?/);
	screen.type("n");
	await screen.waitForText(/Remember this device\?\n│ {2}No[\s\S]*You are cyd/);
});

test("who is banned is no longer remembered here either", async () => {
	await using boss = await Peer.member(stage, "boss");
	await using screen = await enter("dan");
	expect(await kept("dan")).toHaveLength(1);
	boss.send({ type: "ban", who: "dan@gmail.com" });
	expect(await screen.exit()).toBe(2);
	expect(await kept("dan")).toEqual([]);
});

test("that a device could not be remembered is said, on the page and without one", async () => {
	const file = join(stage.state, "devices");
	await rename(file, `${file}.kept`);
	await mkdir(file);
	try {
		const sentence = "This device could not be remembered.";
		await using screen = await enter("eve");
		await screen.waitForText(RegExp(`▐ {2}!! ${sentence}[\\s\\S]*Welcome, eve`));
		expect(await kept("eve")).toEqual([]);
		const env = { XDG_CONFIG_HOME: join(homes, "fay"), FERNET_CHAT_PASSWORD: PASSWORD };
		const args = stage.clientArgs("--remember", ...who("fay"));
		await using plain = new Program("client.ts", args, env);
		await plain.waitForOutput("You are fay");
		expect(plain.out).toMatch(RegExp(`^▐ ${sentence}`));
	} finally {
		await rm(file, { recursive: true });
		await rename(`${file}.kept`, file);
	}
	await using screen = await enter("gil");
	expect(screen.text).not.toContain("could not be remembered");
});
