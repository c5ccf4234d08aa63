import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { reason } from "../../../lib/wire/errors/reason.ts";
import { eventually } from "../../support/eventually.ts";
import { listen } from "../../support/listen.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Peer } from "../../support/peer.ts";
import { Stage } from "../../support/programs.ts";
import { ROOT } from "../../support/root.ts";
import { Screen } from "../../support/terminal.ts";
import { enter, waitUntilTyped } from "./visit.ts";

// However the client ends, it restores the terminal, and one line says why it ended.

/** The terminal is cooked again, and every mode that the client used is as a shell has it. */
async function expectRestored(screen: Screen): Promise<void> {
	// The last output of a program may arrive after its exit code.
	await eventually("the cursor is below the last line", () =>
		Bun.deepEquals(screen.cursor, { line: screen.lines.length, column: 0 }),
	);
	expect(screen.isCooked).toBe(true);
	/** "h" or "l", if the client turned this mode on or off last. */
	const mode = (number: number): string | undefined =>
		Array.from(screen.written.matchAll(RegExp(`\\x1b\\[\\?${number}([hl])`, "g"))).at(-1)?.[1];
	const [wrap, cursor, paste, frame, focus] = [7, 25, 2004, 2026, 1004].map(mode);
	expect({ wrap, paste, frame, focus }).toEqual({ wrap: "h", paste: "l", frame: "l", focus: "l" });
	// The client may never have hidden the cursor.
	expect(cursor).not.toBe("l");
}

/** The exit code, or undefined if the program waits, as a login does for a silent mail server. */
const exitPromptly = (program: { exit(): Promise<number> }): Promise<number | undefined> =>
	Promise.race([program.exit(), Bun.sleep(3000).then(() => undefined)]);

const LEFT = reason("left").text;
const LOST = "The connection to the server was lost.";

/** Checks that the sentence is the last line, and appears only once. */
function expectLastWord(screen: Screen, sentence: string): void {
	expect(screen.text.split(sentence)).toHaveLength(2);
	expect(screen.lines.at(-1)).toBe(`▐ ${sentence}`);
}

type Way = [how: string, code: number, sentence: string, end: (s: Screen, on: Stage) => void];

const ways: Way[] = [
	["/leave", 0, LEFT, (screen) => screen.type("\x15/leave\r")],
	["Ctrl-C on an empty line", 0, LEFT, (screen) => screen.type("\x15\x03")],
	["Ctrl-D", 0, LEFT, (screen) => screen.type("\x15\x04")],
	["SIGTERM", 0, LEFT, (screen) => screen.kill("SIGTERM")],
	["SIGHUP", 0, LEFT, (screen) => screen.kill("SIGHUP")],
	["SIGINT", 0, LEFT, (screen) => screen.kill("SIGINT")],
	[
		"the server stopped",
		0,
		reason("server_stopped").text,
		(_, { server }) => server.kill("SIGTERM"),
	],
	["the server killed", 3, LOST, (_, { server }) => server.kill("SIGKILL")],
];

let stage: Stage;
let bob: Peer;
beforeAll(async () => {
	stage = await Stage.local("--grace", "0");
	bob = await Peer.member(stage, "bob");
});
afterAll(() => stage[Symbol.asyncDispose]());

/** Waits until bob has heard that ann left, for the `times`th time. */
const waitUntilLeft = (times: number): Promise<boolean> =>
	eventually("ann left", () => bob.messages.filter(({ type }) => type === "left").length >= times);
const timesLeft = (): number => bob.messages.filter(({ type }) => type === "left").length;

// The last two of the ways end the server, so each of those needs one of its own.
test.each(ways)("%s", async (how, code, sentence, end) => {
	await using own = how.startsWith("the server") ? await Stage.open("--grace", "0") : undefined;
	const room = own ?? stage;
	const before = timesLeft();
	const flags = ["--patience", "0"];
	// A key is the client's, all else the program's, too.
	const isProgram = !how.startsWith("Ctrl-");
	await using screen = await enter(room, "ann", { flags, isProgram });
	screen.type("half a line");
	await waitUntilTyped(screen, "half a line|");
	expect(screen.isCooked).toBe(false);
	end(screen, room);
	expect(await screen.exit()).toBe(code);
	await screen.waitForText(sentence);
	await expectRestored(screen);
	if (sentence === LOST) expect(screen.lines.at(-1)).toBe(`▐ ${LOST}`);
	else expectLastWord(screen, sentence);
	if (how.startsWith("Ctrl-")) {
		expect(screen.text).toContain(`Leaving, because you pressed ${how}.`);
	}
	// Leaving by a key means that the line was cleared before.
	const isTyped = how === "/leave" || how.startsWith("Ctrl-");
	expect(screen.text).not.toContain("to all>");
	expect(screen.text.split(/^▐ !! Not sent: half a line$/m)).toHaveLength(isTyped ? 1 : 2);
	if (!own) await waitUntilLeft(before + 1);
	await eventually("no key but bob's", async () => (await room.keyFiles()).length <= 1);
});

test("the last one to leave ends the room, for both programs", async () => {
	await using stage = await Stage.openWith({ isLocal: true, endsWhenEmpty: true });
	await using screen = await enter(stage, "ann");
	screen.type("/leave\r");
	expect(await screen.exit()).toBe(0);
	expect(await stage.server.exit()).toBe(0);
	await screen.waitForText(LEFT);
	await expectRestored(screen);
});

test("told to end twice, while the server says nothing", async () => {
	await using stage = await Stage.open();
	await using screen = await enter(stage, "ann");
	stage.server.kill("SIGSTOP");
	screen.kill("SIGTERM");
	screen.type("still typing");
	await waitUntilTyped(screen, "still typing|");
	screen.kill("SIGTERM");
	await screen.exit();
	await screen.waitForText(LEFT);
	await expectRestored(screen);
	expectLastWord(screen, LEFT);
});

describe("a fault of the program itself", () => {
	test.each([
		["thrown", "throw new Error('a fault')"],
		["in a promise", "void Promise.reject(new Error('a fault'))"],
	])("%s: the terminal is given back, and a line says so", async (_, fault) => {
		const folder = await mkdtemp(join(tmpdir(), "fernet-chat-fault-"));
		const preload = join(folder, "fault.ts");
		// The real client, with a fault in it that a signal sets off.
		await writeFile(preload, `process.on("SIGUSR2", () => { ${fault}; });\n`);
		await using screen = await enter(stage, "ann", {
			env: { BUN_OPTIONS: `--preload ${preload}` },
			isProgram: true,
		});
		screen.type("half a line");
		await waitUntilTyped(screen, "half a line|");
		screen.kill("SIGUSR2");
		const code = await exitPromptly(screen);
		await rm(folder, { recursive: true });
		expect(code).toBeGreaterThan(0);
		await screen.waitForText("a fault");
		await expectRestored(screen);
		expect(screen.lines.at(-1)).toContain("a fault");
	});
});

/** A mail server that accepts connections and never answers. */
async function silentMailbox() {
	const server = createServer();
	const port = await listen(server);
	const close = async (): Promise<void> => void server.close();
	return { url: `smtp://127.0.0.1:${port}`, [Symbol.asyncDispose]: close };
}

describe("told to end while Gmail is asked", () => {
	test.each([
		["from the login page", {}],
		["without a page", { FERNET_CHAT_PASSWORD: PASSWORD }],
	])("%s", async (where, env) => {
		await using mailbox = await silentMailbox();
		await using stage = await Stage.local("--smtp", mailbox.url);
		const args = stage.clientArgs("--name", "ann", "--email", "ann@gmail.com");
		await using screen = new Screen("client.ts", args, { env });
		if (where === "from the login page") {
			await screen.waitForText("Password");
			screen.type(`${PASSWORD}\r`);
		}
		await eventually("the key", async () => (await stage.keyFiles()).length === 1);
		screen.kill("SIGTERM");
		expect(await exitPromptly(screen)).toBeNumber();
		expect(screen.isCooked).toBe(true);
		await eventually("no key", async () => (await stage.keyFiles()).length === 0);
	});
});

test("a bot that is told to end while Gmail is asked ends, and leaves no key", async () => {
	await using mailbox = await silentMailbox();
	await using stage = await Stage.local("--smtp", mailbox.url);
	const bot = stage.botProgram("ann");
	await eventually("the key", async () => (await stage.keyFiles()).length === 1);
	bot.kill("SIGTERM");
	expect(await exitPromptly(bot)).toBe(0);
	expect(bot.lines.at(-1)).toMatchObject({ type: "closed", reason: "left" });
	await eventually("no key", async () => (await stage.keyFiles()).length === 0);
});

test("a bot that is told to end leaves the room", async () => {
	for (const signal of ["SIGTERM", "SIGINT"] as const) {
		const bot = await stage.memberProgram("bot");
		bot.kill(signal);
		expect(await exitPromptly(bot)).toBe(0);
		expect(bot.lines.at(-1)).toMatchObject({ type: "closed", reason: "left" });
	}
});

test("the terminal is gone: so is the member, and its key", async () => {
	const before = timesLeft();
	const client = join(ROOT, "client.ts");
	const args = stage.clientArgs("--name", "tess", "--email", "tess@gmail.com");
	const ann = Bun.spawn([process.execPath, client, ...args], {
		env: { ...process.env, TERM: "xterm-256color", FERNET_CHAT_PASSWORD: PASSWORD },
		terminal: { cols: 80, rows: 24 },
	});
	await eventually("tess joined", () => bob.visitOf("tess"));
	ann.terminal?.close();
	await waitUntilLeft(before + 1);
	await ann.exited;
	await eventually("no key but bob's", async () => (await stage.keyFiles()).length === 1);
});

test("nobody reads on: no more is said than that", async () => {
	const before = timesLeft();
	const client = join(ROOT, "client.ts");
	const args = stage.clientArgs("--name", "unread", "--email", "unread@gmail.com", "--plain");
	const pipeline = ['"$0" "$@" | head -n 1 >/dev/null', process.execPath, client, ...args];
	const ann = Bun.spawn(["sh", "-c", ...pipeline], {
		env: { PATH: process.env.PATH, HOME: process.env.HOME, FERNET_CHAT_PASSWORD: PASSWORD },
		stdio: ["pipe", "ignore", "pipe"],
	});
	await eventually("unread joined", () => bob.visitOf("unread"));
	ann.stdin.write("anybody?\n");
	ann.stdin.flush();
	await waitUntilLeft(before + 1);
	await ann.exited;
	expect((await ann.stderr.text()).split("\n").length).toBeLessThanOrEqual(2);
});
