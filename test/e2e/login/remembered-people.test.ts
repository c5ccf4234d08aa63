import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "../../support/eventually.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Stage } from "../../support/programs.ts";
import { Screen } from "../../support/terminal.ts";

// A person on a terminal is asked once whether this device is to be remembered.

let stage: Stage;
let root: string;
let home: string;
let homes = 0;
beforeAll(async () => {
	root = await mkdtemp(join(tmpdir(), "fernet-chat-homes-"));
	stage = await Stage.openWith(
		{ isLocal: true, isMailing: true },
		...["--remember-days", "30", "--methods", "password,code"],
	);
});
beforeEach(() => {
	home = join(root, `${++homes}`);
});
afterAll(async () => {
	await stage[Symbol.asyncDispose]();
	await rm(root, { recursive: true });
});

const QUESTION = "Remember this device?";
const open = (...flags: string[]): Screen =>
	new Screen("client.ts", stage.clientArgs(...flags), {
		env: { XDG_CONFIG_HOME: home },
		...{ cols: 200, rows: 60, isLocal: true },
	});
const who = (name: string): string[] => ["--name", name, "--email", `${name}@gmail.com`];

async function leave(screen: Screen, name: string): Promise<void> {
	await screen.waitForText(`You are ${name}`);
	screen.type("\x04");
	expect(await screen.exit()).toBe(0);
}

/** The secrets of devices that are kept in the home. */
async function kept(): Promise<unknown[]> {
	const folder = join(home, "fernet-chat");
	const names = (await readdir(folder)).filter((name) => name.startsWith("device-"));
	const files = names.map(async (name) => {
		expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
		return JSON.parse(await readFile(join(folder, name), "utf8")).device;
	});
	return Promise.all(files);
}

const askedFor = (name: string): number =>
	stage.logins.filter((email) => email === `${name}@gmail.com`).length;

describe.each([
	["on the page", []],
	["in plain lines", ["--plain"]],
] as const)("%s", (_, flags) => {
	const isPlain = flags.length > 0;
	const [name, other] = isPlain ? ["pia", "pit"] : ["ann", "abe"];

	/** Types a password, up to the question or the room. */
	async function giveThePassword(screen: Screen): Promise<void> {
		await screen.waitForText(isPlain ? 'Type "code" or "password"' : "How do you want");
		screen.type(isPlain ? "password\r" : "\x1b[B\r");
		await screen.waitForText(isPlain ? "hidden as you type" : /[◆▲] +Password/);
		await eventually("no echo", () => !screen.isCooked);
		screen.type(`${PASSWORD}\r`);
	}

	test("who says yes is remembered: then Enter is enough", async () => {
		await using first = open(...flags, ...who(name));
		await giveThePassword(first);
		await first.waitForText(isPlain ? /Remember this device\? \[y\/N\]/ : QUESTION);
		first.type(isPlain ? "y\r" : "y");
		await leave(first, name);
		const [secret, ...more] = await kept();
		expect([secret, more]).toEqual([expect.any(String), []]);
		await using second = open(...flags);
		for (const label of ["User name", "Mail address"]) {
			await second.waitForText(label);
			second.type("\r");
		}
		await second.waitForText("The server remembers this device.");
		await leave(second, name);
		for (const asked of ["assword (", "How do you want", QUESTION]) {
			expect(second.text).not.toContain(asked);
		}
		expect(askedFor(name)).toBe(1);
		expect((await kept())[0]).not.toBe(secret);
	});

	test("who says nothing else than Enter is not, and is not asked again", async () => {
		await using first = open(...flags, ...who(other));
		await giveThePassword(first);
		await first.waitForText(QUESTION);
		first.type("\r");
		await leave(first, other);
		expect(await kept()).toEqual([undefined]);
		expect(await readFile(join(stage.state, "devices"), "utf8")).not.toContain(other);
		await using second = open(...flags, ...who(other));
		await giveThePassword(second);
		await leave(second, other);
		expect(second.text).not.toContain(QUESTION);
		expect(await kept()).toEqual([undefined]);
	});
});

test("a wrong password first: the question comes once, and nothing is kept before the right one", async () => {
	await using screen = open("--plain", ...who("cid"));
	const choose = async (times: number, typed: string): Promise<void> => {
		const count = (text: string) => screen.written.split(text).length - 1;
		await eventually("a choice", () => count('"code" or "password" (code)') === times);
		screen.type("password\r");
		await eventually("a password", () => count("(hidden as you type)") === times);
		await eventually("no echo", () => !screen.isCooked);
		screen.type(`${typed}\r`);
	};
	await choose(1, "wrongwrongwrongw");
	await screen.waitForText(QUESTION);
	screen.type("yes\r");
	await screen.waitForText("rejected this address");
	expect(await readdir(home).catch(() => [])).toEqual([]);
	for (const label of ["User name", "Mail address"]) {
		await screen.waitForText(`${label} \\(`);
		screen.type("\r");
	}
	await choose(2, PASSWORD);
	await leave(screen, "cid");
	expect(screen.written.split(QUESTION)).toHaveLength(2);
	expect(await kept()).toEqual([expect.any(String)]);
});

test("--remember answers the question, after a code too; a device that is forgotten is told", async () => {
	await using first = open("--plain", "--remember", ...who("dot"));
	await first.waitForText('Type "code" or "password"');
	first.type("\r");
	await first.waitForText("Code from the mail");
	const code = await eventually("the code", () =>
		/fernet-chat code is (\d{6})/.exec(stage.mails.at(-1)?.text ?? "")?.at(1),
	);
	first.type(`${code}\r`);
	await leave(first, "dot");
	expect(first.text).not.toContain(QUESTION);
	expect(await kept()).toEqual([expect.any(String)]);
	await writeFile(join(stage.state, "devices"), "", { mode: 0o600 });
	await using second = open("--plain", ...who("dot"));
	await second.waitForText("This device is not remembered here any more. Log in again.");
	await second.waitForText('Type "code" or "password"');
	expect(await kept()).toEqual([]);
	second.type("\x04");
	expect(await second.exit()).toBe(0);
});
