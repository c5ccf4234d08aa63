import { expect, test } from "bun:test";
import { mkdtemp, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { reason } from "../../../lib/wire/errors/reason.ts";
import { eventually } from "../../support/eventually.ts";
import { FaultProxy } from "../../support/fault.ts";
import type { RunningServer } from "../../support/local-server.ts";
import { openMailbox, PASSWORD } from "../../support/mailbox.ts";
import { noise } from "../../support/noise.ts";
import { type Bot, Program, Stage } from "../../support/programs.ts";
import { Screen } from "../../support/terminal.ts";

// How the server ends: it says goodbye on SIGTERM, but not when killed; the next knows nobody.

const NO_PATIENCE = ["--patience", "0"];

const said = (bot: Bot): unknown[] =>
	bot.lines.flatMap(({ type, text }) => (type === "said" ? [text] : []));

/** A folder for what a client remembers, so that it does not use this machine's own. */
async function home(): Promise<{ path: string } & AsyncDisposable> {
	const path = await mkdtemp(join(tmpdir(), "fernet-chat-home-"));
	return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

/** Ann, in the room, at a terminal. */
async function sitDown(
	stage: Stage,
	path: string,
	port = stage.port,
	...flags: string[]
): Promise<Screen> {
	const env = { XDG_CONFIG_HOME: path };
	const who = ["--name", "ann", "--email", "ann@gmail.com"];
	const args = [`127.0.0.1:${port}`, "--keys", stage.keys, ...who, ...flags];
	const screen = stage.tidy(
		new Screen("client.ts", args, { env, cols: 120, rows: 40, isLocal: true }),
	);
	await screen.waitForText("Password");
	screen.type(`${PASSWORD}\r`);
	await screen.waitForText("You are ann");
	return screen;
}

/** Another server on the first one's port, with another mailbox. */
async function successor(stage: Stage): Promise<{ logins: string[]; server: Program }> {
	const mailbox = stage.tidy(await openMailbox());
	const args = [
		"--port",
		String(stage.port),
		"--keys",
		stage.keys,
		"--smtp",
		mailbox.url,
		"--remember-days",
		"0",
	];
	const server = stage.tidy(new Program("server.ts", args, mailbox.trust));
	await server.waitForOutput("listens on");
	return { logins: mailbox.logins, server };
}

/** How many have joined since the bot's latest welcome. */
const joinedLast = ({ lines }: Bot): number =>
	lines
		.slice(lines.findLastIndex(({ type }) => type === "welcome"))
		.filter(({ type }) => type === "joined").length;

async function kill(program: RunningServer | Bot): Promise<void> {
	program.kill("SIGKILL");
	await program.exit();
}

// SIGINT does the same: see test/e2e/protocol/json.test.ts.
test("SIGTERM: what was echoed reaches everybody first; without patience all end with 0 then, and no key is left", async () => {
	await using folder = await home();
	await using stage = await Stage.open();
	await using slow = await FaultProxy.open(stage.port, () => ({ delay: 50 }));
	const screen = await sitDown(stage, folder.path, stage.port, ...NO_PATIENCE);
	const bob = await stage.member("bob", ...NO_PATIENCE);
	const carol = stage.bot("carol", PASSWORD, slow.port, ...NO_PATIENCE);
	await carol.waitFor({ type: "welcome" });
	for (let index = 0; index < 200; index++) bob.say(`line ${index} ${noise(1000)}`);
	await bob.waitFor({ type: "said" });
	stage.server.kill("SIGTERM");
	expect(await stage.server.exit()).toBe(0);
	expect([await bob.exit(), await carol.exit(), await screen.exit()]).toEqual([0, 0, 0]);
	expect(said(bob).length).toBeGreaterThan(0);
	expect(said(carol)).toEqual(said(bob));
	for (const { lines } of [bob, carol]) {
		expect(lines.at(-1)).toMatchObject({ type: "closed", reason: "server_stopped" });
	}
	await screen.waitForText(reason("server_stopped").text);
	expect(screen.text).toContain(`line ${said(bob).length - 1} `);
	expect(await stage.keyFiles()).toEqual([]);
});

test("SIGTERM: who does not read holds nobody up for long", async () => {
	await using stage = await Stage.local();
	await using proxy = await FaultProxy.open(stage.port);
	const deaf = stage.bot("deaf", PASSWORD, proxy.port);
	await deaf.waitFor({ type: "welcome" });
	const bob = await stage.member("bob");
	proxy.stall("up", "down");
	// More than the sockets on the way can hold.
	for (let index = 0; index < 250; index++) bob.say(noise(8000));
	await eventually("all of it echoed", () => said(bob).length === 250);
	const asked = performance.now();
	stage.server.kill("SIGTERM");
	await bob.waitFor({ type: "offline", code: "server_stopped" });
	expect(await stage.server.exit()).toBe(0);
	expect((performance.now() - asked) / 1000).toBeLessThan(8);
});

test("SIGKILL: bots say so and keep trying; the next server sweeps, knows nobody, and they log in again", async () => {
	await using stage = await Stage.open();
	const bots = [await stage.member("ann"), await stage.member("bob")];
	const known = await stage.keyFiles();
	const eve = await stage.memberProgram("eve");
	const [orphan = ""] = (await stage.keyFiles()).filter((file) => !known.includes(file));
	// The server is stopped first, so that it cannot clean up after the client.
	stage.server.kill("SIGSTOP");
	await kill(eve);
	await kill(stage.server);
	for (const bot of bots) await bot.waitFor({ type: "offline" });
	expect(await stage.keyFiles()).toContain(orphan);
	// The server spares new keys, because their clients may be about to connect.
	const old = new Date(Date.now() - 60_000);
	await utimes(join(stage.keys, orphan), old, old);

	const { logins } = await successor(stage);
	for (const bot of bots) {
		await bot.waitFor({ type: "rejoining", code: "resume_expired" });
		await eventually("both are in", () => {
			const welcome = bot.lines.findLast(({ type }) => type === "welcome");
			return [welcome?.members].flat().length + joinedLast(bot) === 2;
		});
	}
	expect(await stage.keyFiles()).toHaveLength(2);
	expect(await stage.keyFiles()).not.toContain(orphan);
	expect(logins.toSorted()).toEqual(["ann@gmail.com", "bob@gmail.com"]);
});

for (const [what, delay] of [
	["nobody answers", 0],
	["whoever answers says nothing", 3_600_000],
] as const) {
	test(`at a terminal: /leave while the connection is broken and ${what} does not keep ann`, async () => {
		await using folder = await home();
		await using stage = await Stage.local();
		let broken = false;
		await using proxy = await FaultProxy.open(stage.port, () => (broken ? { delay } : {}));
		const screen = await sitDown(stage, folder.path, proxy.port);
		broken = true;
		proxy.refuses = delay === 0;
		proxy.cut();
		await screen.waitForText("Reconnecting.");
		if (delay > 0) await eventually("ann connected", () => proxy.size > 0);
		const asked = performance.now();
		screen.type("/leave\r");
		await screen.exit();
		expect((performance.now() - asked) / 1000).toBeLessThan(5);
	});
}

test("at a terminal: the server comes back, ann logs in again, and what was not said is said once", async () => {
	await using folder = await home();
	await using stage = await Stage.open();
	const screen = await sitDown(stage, folder.path);
	screen.type("heard by the first\r");
	await screen.waitForText("heard by the first\n");
	await kill(stage.server);
	await screen.waitForText("Reconnecting.");
	screen.type("words in the dark\r");
	await screen.waitForText("… words in the dark");

	const { logins } = await successor(stage);
	const below = `${reason("resume_expired").text}[\\s\\S]*`;
	await screen.waitForText(/✗ Not sent: words in the dark.*\n.*Press Enter to log in again/);
	screen.type("\r");
	await screen.waitForText(new RegExp(`${below}User name`));
	screen.type("\r");
	await screen.waitForText(new RegExp(`${below}Mail address`));
	screen.type("\r");
	await screen.waitForText(new RegExp(`${below}Password`));
	screen.type(`${PASSWORD}\r`);
	await screen.waitForText(
		/You are ann[\s\S]*✗ Not sent: words in the dark \(.*\. \/again or \/forget\)/,
	);
	expect(logins).toEqual(["ann@gmail.com"]);

	const bob = await stage.member("bob");
	screen.type("/again\r");
	await bob.waitFor({ type: "said", from: "ann", text: "words in the dark" });
	screen.type("/again\r");
	await screen.waitForText("There is nothing to send again.");
	screen.type("and on\r");
	await bob.waitFor({ type: "said", text: "and on" });
	expect(said(bob)).toEqual(["words in the dark", "and on"]);
	await screen.waitForText(/ann.* and on/);
	expect(screen.text).not.toContain("✗ Not sent");
});
