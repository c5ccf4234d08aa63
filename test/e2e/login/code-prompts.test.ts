import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { reason } from "../../../lib/wire/errors/reason.ts";
import { eventually } from "../../support/eventually.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Peer } from "../../support/peer.ts";
import { type Json, Program, Stage } from "../../support/programs.ts";
import { Screen } from "../../support/terminal.ts";
import { Liar } from "../terminal/liar.ts";

// The login page of a room that mails codes, on a real terminal.

const DOWN = "\x1b[B";
const CTRL_C = "\x03";
const CTRL_D = "\x04";
/** The question for the login method, on either page. */
const CHOICE = /How do you want to log in\?|Type "code" or "password"/;
const WHO = ["--name", "ann", "--email", "ann@gmail.com"];

let stage: Stage;
beforeAll(async () => {
	stage = await Stage.openWith({ isLocal: true, isMailing: true });
});
afterAll(() => stage[Symbol.asyncDispose]());

const open = (on: Stage, ...flags: string[]): Screen =>
	new Screen("client.ts", on.clientArgs(...flags), { cols: 160, rows: 60, isLocal: true });

/** The program itself, which alone gets the signal that a Ctrl-C is on a terminal that reads lines. */
const openProgram = (...flags: string[]): Screen =>
	new Screen("client.ts", stage.clientArgs(...flags), { cols: 160, rows: 60 });

/** The code in the mail that comes after the first `before` mails. */
async function waitForCode(on: Stage, before: number): Promise<string> {
	await eventually("the mail", () => on.mails.length > before);
	return /fernet-chat code is (\d{6})/.exec(on.mails.at(-1)?.text ?? "")?.[1] ?? "";
}

const wrong = (code: string): string => (code === "000000" ? "000001" : "000000");

test("a code: asked for, mistyped, corrected on the same page, let in", async () => {
	const before = stage.mails.length;
	await using screen = open(stage);
	await screen.waitForText("User name");
	screen.type("ann\r");
	await screen.waitForText("Mail address");
	screen.type("ann@gmail.com\r");
	await screen.waitForText(/How do you want to log in\?\n.*A code by mail\n.*A password/);
	screen.type("\r");
	const code = await waitForCode(stage, before);
	await screen.waitForText("If ann@gmail.com can join this room, a code is on its way there.");
	await screen.waitForText(/◆ {2}Code from the mail/);
	screen.type("12345\r");
	await screen.waitForText("A code is six digits");
	screen.type(`\x15${wrong(code)}\r`);
	await screen.waitForText(
		/not the code in the mail\. You have 4 tries left\.[\s\S]*◆ {2}Code from the mail/,
	);
	expect(screen.text.split("User name")).toHaveLength(2);
	screen.type(` ${code.slice(0, 3)} ${code.slice(3)}\r`);
	await screen.waitForText("The code is correct.");
	await screen.waitForText("You are ann");
	expect(screen.text).not.toContain("accepted your password");
	expect(new Set(stage.logins)).toEqual(new Set(["room@gmail.com"]));
});

test("tries that are used up lead back to the start of the page", async () => {
	await using screen = open(stage, ...WHO);
	await screen.waitForText(CHOICE);
	const before = stage.mails.length;
	screen.type("\r");
	const code = await waitForCode(stage, before);
	const expired = reason("code_expired");
	for (const { text } of [...[4, 3, 2, 1].map((left) => reason("wrong_code", left)), expired]) {
		await eventually("the prompt", () =>
			/◆ {2}Code from the mail.*\n│ {2}[█_]?\n/.test(screen.text),
		);
		screen.type(`${wrong(code)}\r`);
		await screen.waitForText(text);
	}
	await screen.waitForText(new RegExp(`${expired.text}[\\s\\S]*◆ {2}User name\n│ {2}ann`));
	screen.type(CTRL_C);
	expect(await screen.exit()).toBe(0);
	expect(screen.isCooked).toBe(true);
});

test("a taken name: another is asked for, and then a new code, not the address", async () => {
	await using screen = open(stage, "--name", "room", "--email", "other@gmail.com");
	await using holder = await Peer.member(stage, "room");
	const logIn = async (times: number): Promise<void> => {
		await eventually("the choice", () => screen.text.split("How do you want").length > times);
		const before = stage.mails.length;
		screen.type("\r");
		const code = await waitForCode(stage, before);
		await eventually("the prompt", () => screen.text.split("Code from the mail").length > times);
		screen.type(`${code}\r`);
	};
	await logIn(1);
	await screen.waitForText(/"room" is already in use\.[\s\S]*◆ {2}User name\n│ {2}room/);
	screen.type("\x15rooms\r");
	await logIn(2);
	await screen.waitForText("You are rooms");
	expect(screen.text).not.toContain("Mail address");
	holder.send({ type: "leave" });
});

test("an empty line instead of a code leads back to the start, where the address can be corrected", async () => {
	await using screen = open(stage, "--name", "ann", "--email", "anm@gmail.com");
	await screen.waitForText(CHOICE);
	const mistyped = stage.mails.length;
	screen.type("\r");
	await waitForCode(stage, mistyped);
	await screen.waitForText(/◆ {2}Code from the mail .*start again/);
	screen.type("\r");
	await screen.waitForText(/◆ {2}User name\n│ {2}ann/);
	expect(screen.text).not.toContain("six digits");
	screen.type("\r");
	await screen.waitForText(/◆ {2}Mail address\n│ {2}anm@gmail\.com/);
	screen.type("\x15ann@gmail.com\r");
	await screen.waitForText(/◆ {2}How do you want to log in/);
	const before = stage.mails.length;
	screen.type("\r");
	const code = await waitForCode(stage, before);
	await screen.waitForText(
		/ann@gmail\.com can join this room, a code is on its way[\s\S]*◆ {2}Code from the mail/,
	);
	screen.type(`${code}\r`);
	await screen.waitForText("You are ann");
});

test("the password is the other choice, and asks the mail server", async () => {
	await using screen = open(stage, ...WHO);
	await screen.waitForText(CHOICE);
	screen.type(`${DOWN}\r`);
	await screen.waitForText(/◆ {2}Password/);
	screen.type(`${PASSWORD}\r`);
	await screen.waitForText("localhost accepted your password.");
	await screen.waitForText("You are ann");
	expect(stage.logins.at(-1)).toBe("ann@gmail.com");
});

test("where a code is the only way there is no choice, and no word of passwords", async () => {
	await using codes = await Stage.openWith({ isLocal: true, isMailing: true }, "--methods", "code");
	await using screen = open(codes, ...WHO);
	const code = await waitForCode(codes, 0);
	await screen.waitForText(/◆ {2}Code from the mail/);
	expect(screen.text).not.toMatch(/password|log in\?/i);
	screen.type(`${code}\r`);
	await screen.waitForText("You are ann");
});

test("an address that no code can go to: why, and the page again", async () => {
	await using screen = open(stage, "--name", "ann", "--email", "a!b@work.example");
	await screen.waitForText(CHOICE);
	screen.type("\r");
	await screen.waitForText(/mails codes only to gmail\.com addresses[\s\S]*◆ {2}User name/);
});

test("where tokens are the only way a person is told so", async () => {
	await using tokens = await Stage.local("--methods", "token");
	await using screen = open(tokens, ...WHO);
	await screen.waitForText("This server accepts only access tokens. Use --token.");
	expect(await screen.exit()).toBe(2);
	expect(screen.isCooked).toBe(true);
});

describe("in plain lines", () => {
	test("a code: asked for, mistyped, corrected, let in", async () => {
		await using screen = open(stage, ...WHO, "--plain");
		await screen.waitForText(/Type "code" or "password" \(code\): ?$/m);
		screen.type("neither\n");
		await screen.waitForText(/^▐ Type "code" or "password"\.$/m);
		const before = stage.mails.length;
		screen.type("\n");
		const code = await waitForCode(stage, before);
		await screen.waitForText(
			/ann@gmail\.com can join this room, a code is on its way[\s\S]*Code from the mail .*: ?$/m,
		);
		screen.type(`${wrong(code)}\n`);
		await screen.waitForText(/You have 4 tries left\.\n▐ Code from the mail .*: ?$/m);
		screen.type(`${code}\n`);
		await screen.waitForText("You are ann");
		expect(screen.written).not.toContain("\x1b");
	});

	test("an empty line instead of a code leads back to the start", async () => {
		await using screen = open(stage, ...WHO, "--plain");
		await screen.waitForText(CHOICE);
		screen.type("\n");
		await screen.waitForText(/Code from the mail .*start again.*: ?$/m);
		screen.type("  \n");
		await screen.waitForText(/^▐ User name \(ann\): ?$/m);
		expect(screen.text).not.toContain("six digits");
	});

	test("the password is the other choice", async () => {
		await using screen = open(stage, ...WHO, "--plain");
		await screen.waitForText(CHOICE);
		screen.type("password\n");
		await screen.waitForText("hidden as you type");
		await eventually("no echo", () => !screen.isCooked);
		screen.type(`${PASSWORD}\r`);
		await screen.waitForText("You are ann");
	});
});

type Step = readonly [keys: string, prompt: string | RegExp];
const CHOOSING: Step = ["", CHOICE];
const TYPING_THE_CODE: Step = ["\r", "Code from the mail"];
const ends: [key: string, flags: string[], steps: Step[]][] = [
	[CTRL_C, [], [CHOOSING, TYPING_THE_CODE]],
	[CTRL_C, ["--plain"], [CHOOSING]],
	[CTRL_D, ["--plain"], [TYPING_THE_CODE]],
];
test.each(ends)(
	"%j %j at the choice or the code leaves the terminal as it was",
	async (key, flags, steps) => {
		for (const [keys, prompt] of steps) {
			await using screen = openProgram(...WHO, ...flags);
			await screen.waitForText(CHOICE);
			screen.type(keys);
			await screen.waitForText(prompt);
			screen.type(key);
			expect([await screen.exit(), screen.isCooked]).toEqual([0, true]);
		}
	},
);

test("a server that says nothing to the question does not keep anybody from leaving", async () => {
	// A client ignores what only a newer server says.
	await using liar = await Liar.open({}, { type: "news" });
	await using screen = new Screen("client.ts", liar.clientArgs(...WHO));
	await eventually("the question", () => liar.asked.some(({ type }) => type === "login_methods"));
	screen.kill("SIGTERM");
	expect(await screen.exit()).toBe(0);
	await screen.waitForText("You did not log in.");
});

const SERVER = { verifier: "gmail.com", version: "1.0.0" };
const lies: Json[] = [
	{ type: "login_methods", ...SERVER, methods: ["\x1b]0;evil\x07"] },
	{ type: "login_methods", ...SERVER, methods: "code" },
	{ type: "code_sent", ticket: "0".repeat(32) },
	{ type: "denied", code: "no", text: "\x1b]0;evil\x07" },
	{ type: "closing", code: "no", text: "\x1b]0;evil\x07" },
];
test.each(lies)("a server that lies about what it takes steers no terminal: %j", async (lie) => {
	await using liar = await Liar.open({}, lie);
	await using client = new Screen("client.ts", liar.clientArgs(...WHO), { isLocal: true });
	expect(await client.exit()).toBeGreaterThan(1);
	await eventually("a sentence", () => client.text !== "");
	expect(client.written).not.toContain("\x1b]0");
	expect(client.written).not.toContain("\x07");
});

test("a program that has no code to type is told what it wants", async () => {
	await using codes = await Stage.openWith({ isLocal: true, isMailing: true }, "--methods", "code");
	const env = { FERNET_CHAT_PASSWORD: PASSWORD };
	await using client = new Program("client.ts", codes.clientArgs(...WHO), env);
	expect(await client.exit()).toBe(2);
	expect(client.out).toContain(
		"This server does not accept a password. Log in with a code sent by mail.",
	);
});
