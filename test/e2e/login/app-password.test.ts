import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { eventually } from "../../support/eventually.ts";
import { LocalClient } from "../../support/local-client.ts";
import { Screen } from "../../support/terminal.ts";
import { Liar } from "../terminal/liar.ts";

// What a person types or pastes as a password, and what leaves the machine.

const WHO = ["--name", "ann", "--email", "ann@gmail.com"];
const LETTERS = "abcdefghijklmnop";
const CTRL_U = "\x15";
const OWN_HOST = "mail.school.example";
const METHODS_ELSEWHERE = {
	...{ type: "login_methods", methods: ["password"], version: "1.0.0" },
	verifier: OWN_HOST,
};

let gmail: Liar;
let other: Liar;
beforeAll(async () => {
	gmail = await Liar.open();
	other = await Liar.open({}, METHODS_ELSEWHERE);
});
afterAll(async () => {
	await gmail[Symbol.asyncDispose]();
	await other[Symbol.asyncDispose]();
});

const passwordsAt = ({ asked }: Liar): unknown[] =>
	asked.flatMap((message) => (message.type === "login" ? [message.password] : []));

/** What the page calls an address and a password, when one kind of mail server checks them. */
const GMAILS = ["Gmail address", "App password"] as const;
const OTHERS = ["Mail address", "Password"] as const;

async function open(
	server: Liar,
	[address, password]: readonly [string, string],
	...flags: string[]
): Promise<Screen> {
	const args = server.clientArgs("--name", "ann", ...flags);
	const screen = new Screen("client.ts", args, { cols: 200, isLocal: true });
	await screen.waitForText(new RegExp(`[◆▐] +${address}`));
	screen.type("ann@gmail.com\r");
	await screen.waitForText(new RegExp(`[◆▐] +${password}`));
	await eventually("no echo", () => !screen.isCooked);
	return screen;
}

test("for Gmail: what cannot be one is said here, sixteen letters are sent as such", async () => {
	await using screen = await open(gmail, GMAILS);
	for (const wrong of ["hunter2", "My normal password 1", "abcd efgh ijkl mno"]) {
		screen.type(`${CTRL_U}${wrong}\r`);
		await screen.waitForText("An app password is 16 letters.");
		screen.type(CTRL_U);
		await eventually("the sentence gone", () => !screen.text.includes("is 16 letters"));
	}
	expect(passwordsAt(gmail)).toEqual([]);
	screen.type(`\u200babcd\u00a0efgh ijkl-mnop \r`);
	await screen.waitForText("You are ann");
	expect(screen.text).toContain("Gmail accepted your password.");
	expect(passwordsAt(gmail)).toEqual([LETTERS]);
});

test("for another mail server: to the letter, and it is that one which accepts", async () => {
	await using screen = await open(other, OTHERS);
	screen.type(`${CTRL_U}\r`);
	await screen.waitForText(`Give your password at ${OWN_HOST}.`);
	screen.type(`abcd efgh ijkl mnop \r`);
	await screen.waitForText("You are ann");
	expect(passwordsAt(other)).toEqual(["abcd efgh ijkl mnop "]);
	expect(screen.text).toContain(`${OWN_HOST} accepted your password.`);
	expect(screen.written).not.toMatch(/Gmail accepted|with Gmail/);
});

describe.each([
	["on the page", []],
	["on plain lines", ["--plain"]],
])("for another mail server, %s,", (_, flags) => {
	const PASTE = (text: string): string => `\x1b[200~${text}\x1b[201~`;

	test("what is pasted is sent with its blanks, and what cannot be sent whole is not sent", async () => {
		await using server = await Liar.open({}, METHODS_ELSEWHERE);
		await using screen = await open(server, OTHERS, ...flags);
		const asked = (): number => screen.text.split("Password").length;
		for (const [wrong, sentence] of [
			["x".repeat(300), "A password is 1 to 256 characters"],
			[Buffer.from("s\xe9cret", "latin1"), "Not all of that was UTF-8."],
		] as const) {
			const before = asked();
			screen.type(CTRL_U);
			screen.type(wrong);
			screen.type("\r");
			await screen.waitForText(sentence);
			if (flags.length > 0) await eventually("asked again", () => asked() > before);
			await eventually("no echo", () => !screen.isCooked);
		}
		expect(passwordsAt(server)).toEqual([]);
		screen.type(`${CTRL_U}${PASTE(" sec  ret  ")}😀\x7f\r`);
		await screen.waitForText("You are ann");
		expect(passwordsAt(server)).toEqual([" sec  ret  "]);
	});
});

test("on plain lines too", async () => {
	await using server = await Liar.open();
	await using screen = await open(server, GMAILS, "--plain");
	screen.type("hunter2\r");
	await screen.waitForText(/An app password is 16 letters\.[\s\S]*App password/);
	await eventually("no echo", () => !screen.isCooked);
	screen.type("\ufeffabcd–efgh ijkl mnop\u00a0\r");
	await screen.waitForText("You are ann");
	expect(passwordsAt(server)).toEqual([LETTERS]);
});

describe("without a prompt", () => {
	const bot = (server: Liar, password: string, ...flags: string[]): LocalClient =>
		new LocalClient(server.clientArgs(...WHO, ...flags), { FERNET_CHAT_PASSWORD: password });

	for (const flags of [["--json"], ["--plain"]]) {
		test.each(["my normal password 1", "hunter2", "abcd efgh ijkl mno"])(
			`${flags}: to Gmail, %j is not sent`,
			async (wrong) => {
				await using server = await Liar.open();
				await using client = bot(server, wrong, ...flags);
				expect(await client.exit()).toBe(2);
				expect(client.out).toContain("FERNET_CHAT_PASSWORD: An app password is 16 letters.");
				expect(server.asked.map(({ type }) => type)).toEqual(["login_methods"]);
			},
		);
	}

	test.each([
		...[`${LETTERS}\n`, `${LETTERS}\r\n`, `${LETTERS}\r`].map((each) => [each, "login"]),
		...[`abcd efgh ijkl mnop\n`, `“${LETTERS}”`].map((each) => [each, "login_methods,login"]),
	])("to Gmail, %j is sent as sixteen letters, after %s", async (given, asked) => {
		await using server = await Liar.open();
		await using client = bot(server, given, "--json");
		await client.waitForOutput('"welcome"');
		expect(passwordsAt(server)).toEqual([LETTERS]);
		expect(server.asked.map(({ type }) => type).join()).toBe(asked);
	});

	test.each([
		["my normal password 1", "my normal password 1"],
		[" s-e c ret \n", " s-e c ret "],
		["abcd efgh ijkl mnop", "abcd efgh ijkl mnop"],
	])("to another mail server, %j is sent as %j", async (given, sent) => {
		await using server = await Liar.open({}, METHODS_ELSEWHERE);
		await using client = bot(server, given, "--json");
		await client.waitForOutput('"welcome"');
		expect(passwordsAt(server)).toEqual([sent]);
	});

	test.each(["two\nlines", "x".repeat(257)])("no mail server is sent %j", async (wrong) => {
		await using server = await Liar.open({}, METHODS_ELSEWHERE);
		await using client = bot(server, wrong, "--json");
		expect(await client.exit()).toBe(2);
		expect(client.out).toContain("FERNET_CHAT_PASSWORD: A password is 1 to 256 characters");
		expect(passwordsAt(server)).toEqual([]);
	});
});
