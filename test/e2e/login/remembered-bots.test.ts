import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { chmod, cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RememberedDevices } from "../../../lib/client/net/remembered-devices.ts";
import { ConfigDir } from "../../../lib/client/util/config-dir.ts";
import { eventually } from "../../support/eventually.ts";
import { FaultProxy } from "../../support/fault.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Bot, type Json, Stage } from "../../support/programs.ts";
import { SmallDisk } from "../../support/small-disk.ts";

// Bots with --remember: what they keep, and how they log in with it.

const FLAGS = ["--remember-days", "30"];

let stage: Stage;
let root: string;
/** The folder for the configuration of one machine's user. */
let home: string;
let homes = 0;
beforeAll(async () => {
	root = await mkdtemp(join(tmpdir(), "fernet-chat-homes-"));
	stage = await Stage.local(...FLAGS);
});
beforeEach(() => {
	home = join(root, `${++homes}`);
});
afterAll(async () => {
	await stage[Symbol.asyncDispose]();
	await rm(root, { recursive: true });
});

interface How {
	readonly password?: string;
	readonly at?: string;
	readonly flags?: readonly string[];
}

const start = (name: string, { password, at = home, flags = ["--remember"] }: How = {}) => {
	const args = stage.clientArgs("--name", name, "--email", `${name}@gmail.com`, ...flags);
	const secret: Record<string, string> = password ? { FERNET_CHAT_PASSWORD: password } : {};
	return stage.tidy(Bot.local(args, { XDG_CONFIG_HOME: at, ...secret }));
};

/** Joins and leaves; returns what was printed. */
async function visit(name: string, how?: How): Promise<Json[]> {
	const bot = start(name, how);
	bot.endInput();
	await bot.exit();
	return bot.lines;
}

const folder = (at = home): string => join(at, "fernet-chat");
async function kept(at = home): Promise<string[]> {
	const names = (await readdir(folder(at))).filter((name) => name.startsWith("device-"));
	return names.map((name) => join(folder(at), name));
}
async function theFile(at = home): Promise<string> {
	const [file, another] = await kept(at);
	if (!file || another) throw new Error("not one file");
	return file;
}
const secretIn = async (file: string): Promise<string> =>
	JSON.parse(await readFile(file, "utf8")).device;
const askedFor = (name: string): number =>
	stage.logins.filter((email) => email === `${name}@gmail.com`).length;

const IN = { type: "welcome", remembered: true };
const STAY = [IN, { type: "closed", reason: "left" }];
const REFUSED = { type: "device_refused" };

test("a bot is remembered once, and needs no password the next times", async () => {
	const lines = await visit("ann", { password: PASSWORD });
	const secrets = [await secretIn(await theFile())];
	for (let i = 0; i < 2; i++) {
		lines.push(...(await visit("ann")));
		secrets.push(await secretIn(await theFile()));
	}
	expect(lines.filter(({ type }) => type === "welcome")).toEqual(
		Array(3).fill(expect.objectContaining(IN)),
	);
	expect(new Set(secrets).size).toBe(3);
	expect(askedFor("ann")).toBe(1);
	expect((await stat(await theFile())).mode & 0o777).toBe(0o600);
	for (const secret of secrets) expect(JSON.stringify(lines)).not.toContain(secret.slice(32));
	const config = new ConfigDir({ XDG_CONFIG_HOME: home });
	const at = (port: number) => new RememberedDevices(config, [{ host: "127.0.0.1", port }]);
	const loaded = [0, 1].map((offset) => at(stage.port + offset).load("ann@gmail.com"));
	expect(loaded).toEqual([secrets.at(-1) ?? "", null]);
	// Another account has nothing here.
	expect(await visit("bob")).toMatchObject([{ type: "denied", code: "device_unknown" }]);
});

test("without --remember a bot neither asks for it nor keeps or uses anything", async () => {
	await visit("cid", { password: PASSWORD });
	const secret = await secretIn(await theFile());
	const [welcome] = await visit("cid", { password: PASSWORD, flags: [] });
	expect(welcome).not.toHaveProperty("remembered");
	expect(await secretIn(await theFile())).toBe(secret);
	expect(askedFor("cid")).toBe(2);
});

test("a device that the server has forgotten logs in with the password, or says what is missing", async () => {
	const forget = () => writeFile(join(stage.state, "devices"), "", { mode: 0o600 });
	await visit("dan", { password: PASSWORD });
	await forget();
	const lines = await visit("dan", { password: PASSWORD });
	expect(lines.slice(0, 2)).toMatchObject([{ ...REFUSED, code: "device_unknown" }, IN]);
	await forget();
	const bot = start("dan");
	expect(await bot.exit()).toBe(2);
	expect(bot.lines).toMatchObject([{ type: "denied", code: "device_unknown" }]);
	expect(await kept()).toEqual([]);
	expect(await visit("dan", { password: PASSWORD })).toMatchObject(STAY);
});

test("a copied home: the second login of both ends the device for both, and they are told", async () => {
	await visit("eva", { password: PASSWORD });
	const copy = join(root, `${++homes}`);
	await cp(home, copy, { recursive: true, preserveTimestamps: true });
	for (const at of [home, copy, home]) expect(await visit("eva", { at })).toMatchObject(STAY);
	expect(await visit("eva", { at: copy })).toMatchObject([
		{ type: "denied", code: "device_reused" },
	]);
	const lines = await visit("eva", { password: PASSWORD });
	expect(lines.slice(0, 2)).toMatchObject([{ ...REFUSED, code: "device_unknown" }, IN]);
});

test("two that log in at the same moment with one file leave one that is good", async () => {
	await visit("fin", { password: PASSWORD });
	for (let i = 0; i < 3; i++) {
		const both = await Promise.all(
			[start("fin"), start("fin")].map(async (bot) => {
				await eventually("an answer", () => bot.lines.length > 0);
				bot.endInput();
				return bot.exit();
			}),
		);
		// An account is in the room once: the other is let go, before its welcome perhaps.
		expect(both).toContain(0);
	}
	expect(await visit("fin")).toMatchObject(STAY);
	expect(askedFor("fin")).toBe(1);
});

test("what others can read is not used: it may have been copied", async () => {
	await visit("gus", { password: PASSWORD });
	for (const mode of [0o640, 0o604]) {
		await chmod(await theFile(), mode);
		expect(await visit("gus")).toMatchObject([{ type: "denied", code: "device_unknown" }]);
	}
	expect(await visit("gus", { password: PASSWORD })).toMatchObject(STAY);
	expect((await stat(await theFile())).mode & 0o777).toBe(0o600);
});

test.each(["", "{", "null", '{"device":5}', '{"device":"x"}'])(
	"a file that holds %j does no harm",
	async (text) => {
		await visit("hal", { password: PASSWORD });
		await writeFile(await theFile(), text);
		expect(await visit("hal", { password: PASSWORD })).toMatchObject(STAY);
		expect(await visit("hal")).toMatchObject(STAY);
	},
);

test.skipIf(!SmallDisk.canBeMounted)("a full disk of the client's shuts it out never", async () => {
	using disk = new SmallDisk(64 * 1024);
	await visit("ida", { password: PASSWORD, at: disk.path });
	const ballast = join(disk.path, "ballast");
	await writeFile(ballast, Buffer.alloc(64 * 1024)).catch(() => {});
	const secret = await secretIn(await theFile(disk.path));
	for (let i = 0; i < 5; i++) {
		expect(await visit("ida", { at: disk.path })).toMatchObject(STAY);
		expect(await secretIn(await theFile(disk.path))).toBe(secret);
	}
	await rm(ballast);
	for (let i = 0; i < 2; i++) expect(await visit("ida", { at: disk.path })).toMatchObject(STAY);
	expect(await secretIn(await theFile(disk.path))).not.toBe(secret);
	expect(askedFor("ida")).toBe(1);
});

test("a server that does not take the device for now says why, and the bot keeps it", async () => {
	await visit("jan", { password: PASSWORD });
	const device = await secretIn(await theFile());
	await rm(await theFile());
	/** Starts it again, on another port, and tells the client that it is the same. */
	const restart = async (...flags: string[]): Promise<void> => {
		stage.server.kill();
		await stage.reopen(...FLAGS, ...flags);
		const address = { host: "127.0.0.1", port: stage.port };
		const config = new ConfigDir({ XDG_CONFIG_HOME: home });
		new RememberedDevices(config, [address]).save("jan@gmail.com", device);
	};
	await restart("--methods", "token");
	expect(await visit("jan", { password: PASSWORD })).toMatchObject([
		{ ...REFUSED, code: "method_not_accepted" },
		{ type: "denied", code: "method_not_accepted" },
	]);
	expect(await secretIn(await theFile())).toBe(device);
	await restart();
	expect(await visit("jan")).toMatchObject(STAY);
	expect(askedFor("jan")).toBe(1);
});

test("a bot that has lost its place comes back as its device, without a password", async () => {
	await using brief = await Stage.local(...FLAGS, "--grace", "0");
	await using proxy = await FaultProxy.open(brief.port);
	const args = [`127.0.0.1:${proxy.port}`, "--keys", brief.keys, "--remember"];
	const who = ["--name", "kai", "--email", "kai@gmail.com"];
	const at = { XDG_CONFIG_HOME: home };
	await using first = Bot.local([...args, ...who], { ...at, FERNET_CHAT_PASSWORD: PASSWORD });
	await first.waitFor(IN);
	first.endInput();
	await first.exit();
	await using bot = Bot.local([...args, ...who], at);
	await bot.waitFor(IN);
	proxy.cut();
	await bot.waitFor({ type: "rejoining", code: "resume_expired" });
	const welcomes = () => bot.lines.filter(({ type }) => type === "welcome");
	await eventually("another welcome", () => welcomes().length === 2);
	expect(welcomes().at(-1)).toMatchObject(IN);
	expect(brief.logins).toEqual(["kai@gmail.com"]);
});
