import { afterAll, beforeAll, expect, test } from "bun:test";
import { eventually } from "../../support/eventually.ts";
import { Screen } from "../../support/terminal.ts";
import { Liar } from "../terminal/liar.ts";

// What a person types or pastes as a password, and what leaves the machine.

const WHO = ["--name", "ann", "--email", "ann@gmail.com"];
const LETTERS = "abcdefghijklmnop";
const CTRL_U = "\x15";
const OWN_HOST = "mail.school.example";

let gmail: Liar;
let other: Liar;
beforeAll(async () => {
	const methods = { type: "login_methods", methods: ["password"], version: "1.0.0" };
	gmail = await Liar.open({}, { ...methods, verifier: "gmail.com" });
	other = await Liar.open({}, { ...methods, verifier: OWN_HOST });
});
afterAll(async () => {
	await gmail[Symbol.asyncDispose]();
	await other[Symbol.asyncDispose]();
});

const passwordsAt = ({ asked }: Liar): unknown[] =>
	asked.flatMap((message) => (message.type === "login" ? [message.password] : []));

async function open(server: Liar, ...flags: string[]): Promise<Screen> {
	const screen = new Screen("client.ts", server.clientArgs(...WHO, ...flags), { cols: 200 });
	await screen.waitForText("App password");
	await eventually("no echo", () => !screen.isCooked);
	return screen;
}

test("for Gmail: what cannot be one is said here, sixteen letters are sent as such", async () => {
	await using screen = await open(gmail);
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
	await using screen = await open(other);
	screen.type(`${CTRL_U}\r`);
	await screen.waitForText(`Give your password at ${OWN_HOST}.`);
	screen.type(`abcd efgh ijkl mnop \r`);
	await screen.waitForText("You are ann");
	expect(passwordsAt(other)).toEqual(["abcd efgh ijkl mnop "]);
	expect(screen.text).toContain(`${OWN_HOST} accepted your password.`);
	expect(screen.written).not.toMatch(/Gmail accepted|with Gmail/);
});

test("on plain lines too", async () => {
	await using server = await Liar.open();
	await using screen = await open(server, "--plain");
	screen.type("hunter2\r");
	await screen.waitForText(/An app password is 16 letters\.[\s\S]*App password/);
	await eventually("no echo", () => !screen.isCooked);
	screen.type("\ufeffabcd–efgh ijkl mnop\u00a0\r");
	await screen.waitForText("You are ann");
	expect(passwordsAt(server)).toEqual([LETTERS]);
});
