import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "../../support/eventually.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Peer } from "../../support/peer.ts";
import { Program, Stage } from "../../support/programs.ts";
import { ROOT } from "../../support/root.ts";
import { Screen } from "../../support/terminal.ts";
import { enter, say, tell, textsFrom, waitForMessage } from "./visit.ts";

// Without colour, without a terminal, or on one that knows nothing.

const CTRL_C = "\x03";
const CTRL_D = "\x04";
/** The last line; a terminal that echoes may have put its `^C` before it. */
const THE_END = /\n(\^C)?The end: you have left the room\.$/;

let stage: Stage;
let bob: Peer;
let folder: string;

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "fernet-chat-plain-"));
	stage = await Stage.open();
	bob = await Peer.member(stage, "bob");
});

afterAll(async () => {
	await stage[Symbol.asyncDispose]();
	await rm(folder, { recursive: true, force: true });
});

/** All that a terminal could obey; the line's end is none of it. */
const controls = (text: string): string[] => text.match(/[^\P{Cc}\r\n]/gu) ?? [];
const expectPlain = (text: string): void => expect(controls(text)).toEqual([]);

const who = (name: string): string[] => ["--name", name, "--email", `${name}@gmail.com`];

/** A client without prompts whose input and output are what the shell's `redirection` says. */
async function redirected(redirection: string, input: string) {
	const [from, to] = [join(folder, "in"), join(folder, "out")];
	await writeFile(from, input);
	await writeFile(to, "");
	const screen = { written: "" };
	const client = [process.execPath, join(ROOT, "client.ts"), ...stage.clientArgs(...who("ann"))];
	const shell = Bun.spawn(["sh", "-c", `exec "$@" ${redirection}`, "sh", ...client], {
		env: {
			...{ PATH: process.env.PATH, HOME: folder, TERM: "xterm-256color" },
			...{ FERNET_CHAT_PASSWORD: PASSWORD, IN: from, OUT: to },
		},
		terminal: {
			data: (_, bytes) => {
				screen.written += Buffer.from(bytes).toString();
			},
		},
	});
	return {
		screen,
		type: (keys: string) => shell.terminal?.write(keys),
		out: () => readFile(to, "utf8"),
		exit: () => shell.exited,
		async [Symbol.asyncDispose]() {
			shell.kill("SIGKILL");
			await shell.exited;
			shell.terminal?.close();
		},
	};
}

/** A room in which everything happens that has a look of its own. */
async function everythingHappens(seen: (text: string) => Promise<unknown>): Promise<void> {
	say(bob, "one\ntwo \x1b[31mred\x1b]0;title\x07 \x9b1m \t tab \x7f");
	say(bob, "hello @ann, look: https://example.com/");
	tell(bob, "ann", "for you alone");
	const carol = await Peer.member(stage, "carol");
	carol.send({ type: "leave" });
	await carol.waitUntilClosed();
	say(bob, "that was all");
	await seen("bob: that was all");
}

describe("NO_COLOR", () => {
	// biome-ignore lint/suspicious/noControlCharactersInRegex: what it looks for
	const SGR = /\x1b\[([\d;:]*)m/g;
	/** The numbers of all SGR sequences that mean a colour. */
	const colours = (written: string): number[] =>
		Array.from(written.matchAll(SGR), ([, list = ""]) => list.split(/[;:]/))
			.flat()
			.map(Number)
			.filter((code) => (code >= 30 && code <= 49) || (code >= 90 && code <= 107));

	const values: [env: Record<string, string>, isColoured: boolean][] = [
		[{ NO_COLOR: "1" }, false],
		[{ NO_COLOR: "0" }, false],
		[{ NO_COLOR: "" }, true],
		[{}, true],
	];
	test.each(values)("%j: a whole terminal, in colour: %p", async (env, isColoured) => {
		await using screen = await enter(stage, "ann", { env });
		await everythingHappens((text) => screen.waitForText(text));
		screen.type("/tell bob secret");
		await screen.waitForText(/^ ?to bob only ?> \/tell bob secret/m);
		screen.type("\r");
		await waitForMessage(bob, { type: "told", from: "ann" });
		expect(colours(screen.written).length > 0).toBe(isColoured);
		expect(screen.written).toContain("\x1b[?2004h");
		await screen.waitForText(/PRIVATE +bob → you: for you alone/);
		expect(screen.text).toMatch(/» bob: hello @ann/);
	});

	test("the login page is without colour too", async () => {
		const env = { NO_COLOR: "1", HOME: folder };
		await using screen = new Screen("client.ts", stage.clientArgs(), { env });
		await screen.waitForText("User name");
		screen.type("a b\r");
		await screen.waitForText("A name is");
		expect(colours(screen.written)).toEqual([]);
	});
});

const plainly: [how: string, flags: string[], env: Record<string, string>][] = [
	["--plain", ["--plain"], {}],
	["FERNET_CHAT_PLAIN=1", [], { FERNET_CHAT_PLAIN: "1" }],
	["TERM=dumb", [], { TERM: "dumb" }],
];

describe.each(plainly)("%s", (how, flags, extra) => {
	let homes = 0;
	const open = (...more: string[]): Screen =>
		new Screen("client.ts", stage.clientArgs(...more, ...flags), {
			// A home of its own: what one run remembers is offered to the next.
			env: { ...extra, HOME: join(folder, `${how}-${++homes}`) },
			cols: 200,
		});

	test("lines in, lines out, commands too, and nothing for a terminal to obey", async () => {
		await using screen = await enter(stage, "ann", { flags, env: extra, cols: 200 });
		await everythingHappens((text) => screen.waitForText(text));
		await screen.waitForText(/bob: one\n.*two \^\[\[31mred\^\[\]0;title\^G <9b>1m +tab \^\?/);
		await screen.waitForText(/PRIVATE +bob → you: for you alone/);
		screen.type("my line\n/who\n/nonsense\n/reply an answer\n");
		await waitForMessage(bob, { type: "said", from: "ann", text: "my line" });
		await waitForMessage(bob, { type: "told", from: "ann", text: "an answer" });
		await screen.waitForText(/^-- 2 here:\n/m);
		await screen.waitForText("!! there is no /nonsense");
		await screen.waitForText(/PRIVATE +you → bob: an answer/);
		screen.type("/leave\n");
		expect(await screen.exit()).toBe(0);
		await screen.waitForText(THE_END);
		expectPlain(screen.written);
	});

	test("the login: checked as it is typed, the password not shown, backspace in it", async () => {
		await using screen = open();
		await screen.waitForText(/User name:$/m);
		await screen.waitForText("https://myaccount.google.com/apppasswords");
		screen.type("no name\n");
		await screen.waitForText("A name is 1 to 24");
		screen.type("\x15ann\n");
		await screen.waitForText(/Gmail address:$/m);
		screen.type("nowhere\n");
		await screen.waitForText("This must be an address");
		screen.type("ann@gmail.com\n");
		await screen.waitForText("App password");
		await eventually("no echo", () => !screen.isCooked);
		screen.type(`${PASSWORD.slice(0, 5)}zy\x7f\b${PASSWORD.slice(5)}\r`);
		await screen.waitForText("You are ann");
		expect(screen.isCooked).toBe(true);
		expect(stage.logins.at(-1)).toBe("ann@gmail.com");
		for (const part of [PASSWORD.slice(0, 5), PASSWORD.slice(5), "*"]) {
			expect(screen.written).not.toContain(part);
		}
		screen.type("typed after it\n");
		await waitForMessage(bob, { type: "said", from: "ann", text: "typed after it" });
		screen.type(CTRL_D);
		expect(await screen.exit()).toBe(0);
		expectPlain(screen.written);
	});

	test("a refused login: why, and the page again, with what was typed offered", async () => {
		await using screen = open(...who("ann"));
		await screen.waitForText("App password");
		await eventually("no echo", () => !screen.isCooked);
		screen.type("wrongwrongwrongw\r");
		await screen.waitForText(/did not accept[\s\S]*User name \(ann\):$/m);
		screen.type("\n");
		await screen.waitForText(/Gmail address \(ann@gmail\.com\):$/m);
		screen.type("\n");
		await eventually("no echo", () => !screen.isCooked);
		screen.type(`${PASSWORD}\r`);
		await screen.waitForText("You are ann");
		expectPlain(screen.written);
	});

	const ends: [key: string, act: (screen: Screen) => void][] = [
		["Ctrl-C", (screen) => screen.type(CTRL_C)],
		["Ctrl-D", (screen) => screen.type(CTRL_D)],
		["SIGTERM", (screen) => screen.kill("SIGTERM")],
	];
	test.each(ends)(
		"%s at each question of the login leaves the terminal as it was",
		async (_, act) => {
			for (const [flags, question] of [
				[[], "User name"],
				[who("ann").slice(0, 2), "Gmail address"],
				[who("ann"), "App password"],
			] as const) {
				await using screen = open(...flags);
				await screen.waitForText(question);
				if (question === "App password") await eventually("no echo", () => !screen.isCooked);
				act(screen);
				expect([question, await screen.exit(), screen.isCooked]).toEqual([question, 0, true]);
				expectPlain(screen.written);
			}
		},
	);

	test("Ctrl-C in the room leaves it", async () => {
		await using screen = await enter(stage, "ann", { flags, env: extra });
		screen.type(CTRL_C);
		expect(await screen.exit()).toBe(0);
		await screen.waitForText(THE_END);
		expectPlain(screen.written);
	});
});

test("an empty password is asked for again, and no mailbox is asked", async () => {
	const args = stage.clientArgs(...who("ann"), "--plain");
	await using screen = new Screen("client.ts", args, { env: { HOME: folder } });
	await screen.waitForText("App password");
	await eventually("no echo", () => !screen.isCooked);
	const before = stage.logins.length;
	screen.type("\r");
	await screen.waitForText(/App password[\s\S]*App password/);
	expect(screen.text).not.toContain("User name");
	expect(stage.logins).toHaveLength(before);
});

describe("no terminal", () => {
	const pipe = (...args: string[]): Program =>
		stage.tidy(
			new Program("client.ts", stage.clientArgs(...args), { FERNET_CHAT_PASSWORD: PASSWORD }),
		);

	const inputs: [what: string, name: string, input: string, said: string[]][] = [
		["one line", "one", "hello\n", ["hello"]],
		["no newline at the end", "unended", "hello", ["hello"]],
		["blank lines", "blank", "\n  \none\n\ntwo  \n", ["one", "two"]],
		["Windows' line ends", "windows", "one\r\ntwo\r\n", ["one", "two"]],
		["a slash to be said", "slash", "//etc/motd\n/nonsense\n", ["/etc/motd"]],
		["what is too long", "long", `${"x".repeat(9000)}\nafter\n`, ["after"]],
		["nothing", "nothing", "", []],
		["many lines", "many", "line\n".repeat(200), Array<string>(200).fill("line")],
	];
	test.each(inputs)("a pipe with %s: said, echoed, left", async (_, name, input, said) => {
		const client = pipe(...who(name));
		client.write(input);
		client.endInput();
		expect(await client.exit()).toBe(0);
		await waitForMessage(bob, { type: "left", name });
		expect(textsFrom(bob, name)).toEqual(said);
		expect(client.out.split("\n").filter((line) => line.includes(` ${name}: `))).toHaveLength(
			said.length,
		);
		expect(client.out.trimEnd().split("\n").at(-1)).toBe("The end: you have left the room.");
		expectPlain(client.out + client.err);
	});

	test("output into a file, input from the keyboard", async () => {
		await using client = await redirected('>"$OUT"', "");
		await eventually("the welcome", async () => (await client.out()).includes("You are ann"));
		await everythingHappens((text) =>
			eventually(text, async () => (await client.out()).includes(text)),
		);
		client.type("from the keyboard\n");
		await waitForMessage(bob, { type: "said", from: "ann", text: "from the keyboard" });
		client.type(CTRL_D);
		expect(await client.exit()).toBe(0);
		expect(await client.out()).toEndWith("\nThe end: you have left the room.\n");
		expectPlain((await client.out()) + client.screen.written);
	});

	test("input from a file, output on the terminal", async () => {
		await using client = await redirected('<"$IN"', "from a file\n");
		expect(await client.exit()).toBe(0);
		await waitForMessage(bob, { type: "said", from: "ann", text: "from a file" });
		expect(client.screen.written).toContain("ann: from a file\r\n");
		expectPlain(client.screen.written);
	});

	test("who it is must be known: exit 1, and nobody is asked", async () => {
		const client = pipe("--name", "ann");
		expect(await client.exit()).toBe(1);
		expect(client.err).toMatch(/^.*--email.*FERNET_CHAT_PASSWORD.*\n$/);
		expect(client.out).toBe("");
	});

	test("more lines than may be on their way at once are all said", async () => {
		await using other = await Stage.open();
		const bob = await other.member("bob");
		const args = other.clientArgs(...who("ann"));
		await using client = new Program("client.ts", args, { FERNET_CHAT_PASSWORD: PASSWORD });
		for (let line = 0; line < 400; line++) client.write(`line ${line}\n`);
		client.endInput();
		expect(await client.exit()).toBe(0);
		await bob.waitFor({ type: "left", name: "ann" });
		const said = bob.lines.filter(({ type }) => type === "said").map(({ text }) => text);
		expect(said).toEqual(Array.from({ length: 400 }, (_, line) => `line ${line}`));
	}, 30_000);

	test("a lost server: exit 3, and one line says so", async () => {
		await using other = await Stage.open("--grace", "0");
		const args = other.clientArgs(...who("ann"));
		await using client = new Program("client.ts", args, { FERNET_CHAT_PASSWORD: PASSWORD });
		await client.waitForOutput("You are ann");
		other.server.kill("SIGKILL");
		expect(await client.exit()).toBe(3);
		expect(client.out).toEndWith("\nThe end: the connection to the server was lost.\n");
		expectPlain(client.out + client.err);
	});
});
