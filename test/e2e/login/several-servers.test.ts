import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "../../support/eventually.ts";
import { FaultProxy, type Faults } from "../../support/fault.ts";
import { addressOf, PASSWORD } from "../../support/mailbox.ts";
import { Bot, type Json, Stage } from "../../support/programs.ts";
import { Screen } from "../../support/terminal.ts";
import { Pretender } from "../tls/pretender.ts";

// Logging in where several servers keep the room: which of them sees a password, a code or a device's
// secret. Here all addresses that let anybody in lead to one server.

/** What a server refuses as a password. */
const WRONG = "abcdabcdabcdabcd";

let stage: Stage;
/** The folder for the configuration of the machine's user. */
let home: string;
beforeAll(async () => {
	home = await mkdtemp(join(tmpdir(), "fernet-chat-home-"));
	stage = await Stage.openWith({ isLocal: true, isMailing: true }, "--remember-days", "30");
});
afterAll(async () => {
	await stage[Symbol.asyncDispose]();
	await rm(home, { recursive: true });
});

const at = (...ways: { port: number }[]): string =>
	ways.map(({ port }) => `127.0.0.1:${port}`).join();
const argsFor = (name: string, address: string): string[] => {
	const who = ["--name", name, "--email", addressOf(name)];
	return [address, "--keys", stage.keys, ...who];
};

function start(name: string, address: string, password = PASSWORD, ...flags: string[]): Bot {
	const env = { XDG_CONFIG_HOME: home, FERNET_CHAT_PASSWORD: password };
	return stage.tidy(Bot.local([...argsFor(name, address), ...flags], env));
}

/** Says nothing, and so never answers. */
const silent: Faults = { delay: 3_600_000 };

test.concurrent("a bot logs in at the first address that answers, and no other hears of it", async () => {
	await using nobody = await FaultProxy.open(stage.port);
	nobody.refuses = true;
	await using frozen = await FaultProxy.open(stage.port, () => silent);
	await using stranger = await Pretender.open();
	const list = at(nobody, frozen, stage, stranger);
	const bot = start("ann", list);
	expect(await bot.waitFor({ type: "welcome" })).toHaveProperty("server", at(stage));
	expect(stranger.connections).toBe(0);
	expect(stage.logins.filter((email) => email === addressOf("ann"))).toHaveLength(1);
});

test.concurrent("what one server has judged is shown to no other", async () => {
	await using stranger = await Pretender.open();
	const bot = start("bob", at(stage, stranger), WRONG);
	expect(await bot.exit()).toBe(2);
	expect(stranger.connections).toBe(0);
	expect(stage.logins.filter((email) => email === addressOf("bob"))).toHaveLength(1);
});

test.concurrent("nor what it may have judged: the connection broke before its answer came", async () => {
	let count = 0;
	await using broken = await FaultProxy.open(stage.port, () =>
		// Asking how to log in is the first.
		++count === 2 ? { cut: { way: "down", after: 1, how: "reset" } } : {},
	);
	await using stranger = await Pretender.open();
	const bot = start("cid", at(broken, stranger));
	expect(await bot.exit()).toBe(3);
	expect(bot.lines).toMatchObject([{ type: "closed", reason: "server_lost" }]);
	expect(stranger.connections).toBe(0);
	expect(count).toBe(2);
});

test.concurrent("if no server can be reached, each is named with what is wrong there", async () => {
	await using stranger = await Pretender.open({ answer: "HTTP/1.1 400 Bad Request\r\n\r\n" });
	const nobody = { port: 1 };
	const bot = start("dan", `nowhere.invalid,${at(nobody, stranger)}`);
	expect(await bot.exit()).toBe(3);
	expect(bot.lines).toEqual([
		{
			type: "closed",
			reason: "server_unreachable",
			text: [
				'Cannot find "nowhere.invalid". Check the spelling and your internet connection.',
				`No server answers at ${at(nobody)} (ECONNREFUSED). Start one with: bun server.ts`,
				`${at(stranger)}: This is not a fernet-chat server.`,
			].join("\n"),
		},
	]);
});

test.concurrent("a code that one server has mailed is taken at another, if that one has gone meanwhile", async () => {
	const a = await FaultProxy.open(stage.port);
	await using b = await FaultProxy.open(stage.port);
	await using screen = new Screen("client.ts", argsFor("eva", at(a, b)), {
		...{ cols: 200, rows: 50 },
	});
	await screen.waitForText(`fernet-chat at ${at(a)}`);
	await screen.waitForText("How do you want to log in?");
	const before = stage.mails.length;
	screen.type("\r");
	await screen.waitForText(/◆ {2}Code from the mail/);
	await eventually("the mail", () => stage.mails.length > before);
	const [, code] = /code is (\d{6})/.exec(stage.mails.at(-1)?.text ?? "") ?? [];
	await a[Symbol.asyncDispose]();
	screen.type(`${code}\r`);
	await screen.waitForText("Remember this device?");
	screen.type("n");
	await screen.waitForText("You are eva");
	expect(b.size).toBe(1);
	screen.type("\x04");
	expect(await screen.exit()).toBe(0);
});

test.concurrent("a device is remembered by the room: one secret, for all its servers and for no others", async () => {
	await using a = await FaultProxy.open(stage.port);
	await using b = await FaultProxy.open(stage.port);
	await using stranger = await Pretender.open();
	const visit = async (list: string, password = ""): Promise<Json[]> => {
		const bot = start("fin", list, password, "--remember");
		bot.endInput();
		await bot.exit();
		// Others come and go meanwhile.
		return bot.lines.filter(({ type }) => ["welcome", "closed", "denied"].includes(String(type)));
	};
	const isIn = { type: "welcome", remembered: true };
	expect(await visit(at(a, b), PASSWORD)).toMatchObject([isIn, { type: "closed" }]);
	for (const gone of [a, b, a]) {
		gone.refuses = true;
		// In any order.
		expect(await visit(at(b, a))).toMatchObject([isIn, { type: "closed" }]);
		gone.refuses = false;
	}
	const files = await readdir(join(home, "fernet-chat"));
	expect(files.filter((name) => name.startsWith("device-"))).toHaveLength(1);
	expect(stage.logins.filter((email) => email === addressOf("fin"))).toHaveLength(1);

	// A list with another server in it may be another room's.
	for (const list of [at(a, stranger), at(a)]) {
		const [denied] = await visit(list);
		expect(denied).toMatchObject({ type: "denied", code: "device_unknown" });
	}
	expect(stranger.connections).toBe(0);
	expect(await visit(at(a, b))).toMatchObject([isIn, { type: "closed" }]);
});
