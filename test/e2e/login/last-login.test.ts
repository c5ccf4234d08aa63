import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import {
	chmod,
	link,
	mkdir,
	mkdtemp,
	readdir,
	readFile,
	rm,
	stat,
	writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { eventually } from "../../support/eventually.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Stage } from "../../support/programs.ts";
import { Screen } from "../../support/terminal.ts";

// What the client remembers from one run to the next.

const WRONG = "wrongwrongwrongw";

let stage: Stage;
let home: string;

beforeAll(async () => {
	stage = await Stage.local();
});

beforeEach(async () => {
	if (home) await rm(home, { recursive: true, force: true });
	home = await mkdtemp(join(tmpdir(), "fernet-chat-home-"));
});

afterAll(async () => {
	await stage[Symbol.asyncDispose]();
	await rm(home, { recursive: true, force: true });
});

/** So wide that no line is broken. */
const SIZE = { cols: 240, rows: 60 };

/** A client whose folder is the one in `home`. */
const open = (flags: string[] = [], XDG_CONFIG_HOME = join(home, ".config")): Screen =>
	new Screen("client.ts", stage.clientArgs(...flags), {
		env: { XDG_CONFIG_HOME },
		...{ ...SIZE, isLocal: true },
	});

/** A client whose home is `home`. */
const openAtHome = (env: Record<string, string> = {}): Screen =>
	new Screen("client.ts", stage.clientArgs(), { env: { HOME: home, ...env }, ...SIZE });

/** Waits for a prompt that offers exactly this. */
const asks = (screen: Screen, prompt: string, offer: string): Promise<void> =>
	screen.waitForText(new RegExp(`[◆▲]  ${prompt}\\n│  ${offer}[█_]?\\n`));

async function leave(screen: Screen): Promise<void> {
	await screen.waitForText("You are ");
	screen.type("\x04");
	expect(await screen.exit()).toBe(0);
}

/** Logs in on a page that offers nothing. */
async function logIn(screen: Screen, name: string, email = `${name}@gmail.com`): Promise<void> {
	await asks(screen, "User name", "");
	screen.type(`${name}\r`);
	await asks(screen, "Mail address", "");
	screen.type(`${email}\r`);
	await asks(screen, "Password", "");
	screen.type(`${PASSWORD}\r`);
	await leave(screen);
}

/** Everything that the client has written after a visit. */
const FILES = ["history.db", "login.json"];

const fileIn = (config: string): string => join(config, "fernet-chat", "login.json");
const modeOf = async (path: string): Promise<string> =>
	((await stat(path)).mode & 0o777).toString(8);

/** The files that a client has made in `home`; the runtime's own do not count. */
async function written(): Promise<string[]> {
	const entries = await readdir(home, { recursive: true, withFileTypes: true });
	return entries
		.filter((entry) => entry.isFile())
		.map(({ parentPath, name }) => relative(home, join(parentPath, name)))
		.filter((path) => !path.startsWith(".bun/"))
		.sort();
}

async function put(text: string | Uint8Array): Promise<string> {
	const file = fileIn(join(home, ".config"));
	await mkdir(join(file, ".."), { recursive: true });
	await writeFile(file, text);
	return file;
}

test("name and address are offered the next time, and kept for their owner's eyes alone", async () => {
	await using first = openAtHome();
	await logIn(first, "ann");
	await using second = openAtHome();
	await asks(second, "User name", "ann");
	second.type("\r");
	await asks(second, "Mail address", "ann@gmail.com");
	second.type("\r");
	await asks(second, "Password", "");
	second.type(`${PASSWORD}\r`);
	await second.waitForText("You are ann");
	await leave(second);
	const file = fileIn(join(home, ".config"));
	expect(JSON.parse(await readFile(file, "utf8"))).toEqual({ name: "ann", email: "ann@gmail.com" });
	expect([await modeOf(file), await modeOf(join(file, ".."))]).toEqual(["600", "700"]);
});

test("XDG_CONFIG_HOME says where, and nothing is written anywhere else", async () => {
	const config = join(home, "else", "where");
	await using first = openAtHome({ XDG_CONFIG_HOME: config });
	await logIn(first, "ann");
	expect(JSON.parse(await readFile(fileIn(config), "utf8"))).toMatchObject({ name: "ann" });
	expect(await written()).toEqual(FILES.map((name) => `else/where/fernet-chat/${name}`));
	await using second = open([], config);
	await asks(second, "User name", "ann");
	await using stranger = openAtHome();
	await asks(stranger, "User name", "");
});

test("no file ever holds a password, nor anything of a login that was refused", async () => {
	await using screen = open(["--name", "ann", "--email", "ann@gmail.com"]);
	await asks(screen, "Password", "");
	screen.type(`${WRONG}\r`);
	await screen.waitForText("localhost rejected");
	await asks(screen, "User name", "ann");
	expect(await written()).toEqual([]);
	screen.type("\r");
	await asks(screen, "Mail address", "ann@gmail.com");
	screen.type("\r");
	await eventually("the password asked again", () => screen.text.split("Password").length > 2);
	screen.type(`${PASSWORD}\r`);
	await leave(screen);
	const files = await written();
	expect(files).toEqual(FILES.map((name) => `.config/fernet-chat/${name}`));
	for (const name of files) {
		const text = await readFile(join(home, name), "utf8");
		for (const secret of [PASSWORD, WRONG]) expect(text).not.toContain(secret);
	}
});

test("the newest login is the one that is remembered, and whatever was there is closed to others", async () => {
	const file = await put('{"name":"old","email":"old@gmail.com"}');
	await chmod(file, 0o644);
	await using screen = open();
	await asks(screen, "User name", "old");
	screen.type("\x15new\r");
	await asks(screen, "Mail address", "old@gmail.com");
	screen.type("\x15new@gmail.com\r");
	await asks(screen, "Password", "");
	screen.type(`${PASSWORD}\r`);
	await leave(screen);
	expect(JSON.parse(await readFile(file, "utf8"))).toEqual({ name: "new", email: "new@gmail.com" });
	expect(await modeOf(file)).toBe("600");
});

test("a file is replaced, and never half written for whoever reads it meanwhile", async () => {
	const before = '{"name":"old","email":"old@gmail.com"}';
	const file = await put(before);
	const reader = join(home, "reader");
	await link(file, reader);
	await using screen = open(["--name", "ann", "--email", "ann@gmail.com"]);
	await asks(screen, "Password", "");
	screen.type(`${PASSWORD}\r`);
	await leave(screen);
	expect(JSON.parse(await readFile(file, "utf8"))).toMatchObject({ name: "ann" });
	expect(await readFile(reader, "utf8")).toBe(before);
	expect((await readdir(join(file, ".."))).sort()).toEqual(FILES);
});

// All ways to damage it are in test/unit/client/login/last-login.test.ts.
const damaged: [what: string, content: string | Uint8Array][] = [
	[
		"a command to the terminal",
		'{"name":"\\u001b[2J","email":"\\u001b]52;c;aGk=\\u0007@gmail.com"}',
	],
	["no text", new Uint8Array([0xff, 0xfe, 0, 1])],
];

test.each(damaged)(
	"a file that is %s does no harm, and the next login mends it",
	async (_, content) => {
		const file = await put(content);
		await using screen = open();
		await logIn(screen, "ann");
		expect(screen.written).not.toContain("\x1b]52");
		expect(JSON.parse(await readFile(file, "utf8"))).toEqual({
			name: "ann",
			email: "ann@gmail.com",
		});
	},
);

test("a file where the folder belongs: nothing is remembered, and nobody is kept from talking", async () => {
	const config = join(home, "config");
	await writeFile(config, "");
	await using screen = open([], config);
	await logIn(screen, "ann");
	expect(screen.text).not.toMatch(/EACCES|ENOTDIR|EISDIR|ENOENT|EEXIST| {4}at /);
});

const skipping: [flags: string[], asked: string[]][] = [
	[
		["--name", "zoe"],
		["Mail address", "Password"],
	],
	[
		["--email", "zoe@gmail.com"],
		["User name", "Password"],
	],
	[["--name", "zoe", "--email", "zoe@gmail.com"], ["Password"]],
];

test.each(skipping)("%j are not asked for, whatever is remembered", async (flags, asked) => {
	await put('{"name":"ann","email":"ann@gmail.com"}');
	await using screen = open(flags);
	const offers: Record<string, string> = {
		"User name": "ann",
		"Mail address": "ann@gmail.com",
	};
	for (const prompt of asked) {
		await asks(screen, prompt, offers[prompt] ?? "");
		screen.type(prompt === "Password" ? `${PASSWORD}\r` : "\r");
	}
	const who = flags.includes("--name") ? "zoe" : "ann";
	const email = flags.includes("--email") ? "zoe@gmail.com" : "ann@gmail.com";
	await screen.waitForText(`You are ${who}`);
	expect(stage.logins.at(-1)).toBe(email);
	for (const prompt of ["User name", "Mail address"]) {
		expect(screen.text.includes(prompt)).toBe(asked.includes(prompt));
	}
	await leave(screen);
});
