import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createServer, type Server } from "node:net";
import { reason } from "../../../lib/wire/errors/reason.ts";
import { eventually } from "../../support/eventually.ts";
import { listen } from "../../support/listen.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Stage } from "../../support/programs.ts";
import { Screen } from "../../support/terminal.ts";

// The login page, on a real terminal.

const CTRL_C = "\x03";
const CTRL_U = "\x15";
const WRONG = "wrongwrongwrongw";

/** A client on a terminal wide enough that no sentence is broken. */
const openClient = (stage: Stage, ...flags: string[]): Screen =>
	stage.tidy(
		new Screen("client.ts", stage.clientArgs(...flags), { cols: 240, rows: 60, isLocal: true }),
	);

/** Waits for a prompt with what it offers, below everything that `after` matches. */
const asks = (screen: Screen, prompt: string, offer = "", after = ""): Promise<void> =>
	screen.waitForText(new RegExp(`${after}[\\s\\S]*[◆▲]  ${prompt}\\n│  ${offer}[█_]?\\n`));

async function fillIn(screen: Screen, name: string, email: string, password: string) {
	await asks(screen, "User name");
	screen.type(`${name}\r`);
	await asks(screen, "Mail address");
	screen.type(`${email}\r`);
	await asks(screen, "Password");
	screen.type(`${password}\r`);
}

/** Sends the page below the sentence: it has kept name and address, but no password. */
async function sendAgain(screen: Screen, sentence: string, name: string, email: string) {
	await asks(screen, "User name", name, sentence);
	screen.type("\r");
	await asks(screen, "Mail address", email, sentence);
	screen.type("\r");
	await asks(screen, "Password", "", sentence);
	screen.type(`${PASSWORD}\r`);
}

async function listening(): Promise<{ server: Server; port: number }> {
	const server = createServer();
	return { server, port: await listen(server) };
}

const showsNoPassword = (screen: Screen): void => {
	for (const secret of [PASSWORD, WRONG]) expect(screen.written).not.toContain(secret);
};

test("what is no name and no address is refused where it is typed", async () => {
	await using stage = await Stage.local();
	const screen = openClient(stage);
	await asks(screen, "User name");
	for (const name of ["", "two words", "x".repeat(25), "zoë", "you", "A11", "nobody"]) {
		screen.type(`${CTRL_U}${name}\r`);
		await screen.waitForText(new RegExp(`▲  User name\n│  ${name}[█_]?\n└  A name is 1 to 24`));
	}
	screen.type(`${CTRL_U} zoe \r`);
	await asks(screen, "Mail address");
	for (const address of ["", "zoe", "zoe@", "zoe gmail.com"]) {
		screen.type(`${CTRL_U}${address}\r`);
		await screen.waitForText(new RegExp(`▲  Mail address\n│  ${address}[█_]?\n└  Give an address`));
	}
	// Ctrl-U and "zo" as newer terminals report them, and that a key is let go.
	screen.type("\x1b[117;5u\x1b[27;1;122~\x1b[111u\x1b[111;1:3ue@gmail.com\r");
	await asks(screen, "Password");
	screen.type("\r");
	await screen.waitForText(/▲ {2}Password\n[\s\S]*Give your password at localhost\./);
	expect(stage.logins).toEqual([]);
	screen.type(`${PASSWORD}\r`);
	await screen.waitForText("You are zoe");
	expect(stage.logins).toEqual(["zoe@gmail.com"]);
});

test("a wrong password: the page again, with name and address kept, the password not", async () => {
	await using stage = await Stage.local();
	const screen = openClient(stage);
	await fillIn(screen, "ann", "ann@gmail.com", WRONG);
	const sentence = "localhost rejected this address and password.";
	await screen.waitForText(sentence);
	await sendAgain(screen, sentence, "ann", "ann@gmail.com");
	await screen.waitForText("You are ann");
	expect(stage.logins).toEqual(["ann@gmail.com", "ann@gmail.com"]);
	expect(await stage.keyFiles()).toHaveLength(1);
	showsNoPassword(screen);
});

test("a taken name: another is asked for, and neither the address nor the password again", async () => {
	await using stage = await Stage.local();
	for (const name of ["ann", "bob"]) await stage.member(name);
	const screen = openClient(stage);
	await fillIn(screen, "ann", "other@gmail.com", PASSWORD);
	const taken = (name: string, holder: string): string =>
		`${reason("name_taken", holder, name).text} You need not type your password again.`;
	await asks(screen, "User name", "ann", taken("ann", "ann"));
	screen.type(`${CTRL_U}B0b\r`);
	await asks(screen, "User name", "B0b", taken("B0b", "bob"));
	screen.type(`${CTRL_U}anna\r`);
	await screen.waitForText("You are anna. Also here: ");
	await screen.waitForText("Welcome, anna.");
	expect(screen.text.match(/◇ {2}(Mail address|Password)/g)).toHaveLength(2);
	showsNoPassword(screen);
});

test("a taken name, and too many logins meanwhile: still only the name is asked for", async () => {
	await using stage = await Stage.local("--account-logins", "1");
	for (const name of ["ann", "bob"]) await stage.member(name);
	const screen = openClient(stage);
	await fillIn(screen, "ann", "other@gmail.com", PASSWORD);
	for (const [name, sentence] of [
		["ann", "already in use"],
		// Below both: what is typed before the second would answer nothing.
		["bob", "already in use[\\s\\S]*already in use"],
		["carl", "too many login attempts"],
	] as const) {
		await asks(screen, "User name", name, `${sentence}.*You need not type your password again`);
		screen.type(`${CTRL_U}${name === "ann" ? "bob" : "carl"}\r`);
	}
	expect(screen.text.split("◇  Password")).toHaveLength(2);
});

test("a wrong password, again and again: the page says how many tries are left", async () => {
	await using stage = await Stage.local("--account-logins", "3");
	const screen = openClient(stage, "--email", "ann@gmail.com", "--name", "ann");
	const rejected = "localhost rejected this address and password.";
	for (const [tries, says] of [
		[1, "\\n"],
		[2, " You have at most one try left for now.\\n"],
		[3, " You have no try left. Try again in \\d+ s.\\n"],
	] as const) {
		if (tries > 1) {
			const before = `(${rejected}[\\s\\S]*){${tries - 1}}`;
			await asks(screen, "User name", "ann", before);
			screen.type("\r");
			await asks(screen, "Mail address", "ann@gmail.com", before);
			screen.type("\r");
			await asks(screen, "Password", "", before);
		} else await asks(screen, "Password");
		screen.type(`${WRONG}\r`);
		await screen.waitForText(RegExp(`(${rejected}[\\s\\S]*){${tries - 1}}${rejected}${says}`));
	}
});

test("a mailbox out of reach: the page again, and nothing said against the password", async () => {
	const { server, port } = await listening();
	// Nobody listens there any more.
	await new Promise((resolve) => server.close(resolve));
	await using stage = await Stage.local("--smtp", `smtps://localhost:${port}`);
	const screen = openClient(stage);
	await fillIn(screen, "ann", "ann@gmail.com", PASSWORD);
	const sentence =
		"not reach the mail server[\\s\\S]*password was not checked[\\s\\S]*Try again later";
	await sendAgain(screen, sentence, "ann", "ann@gmail.com");
	await screen.waitForText(new RegExp(`${sentence}[\\s\\S]*${sentence}`));
	showsNoPassword(screen);
});

/** Takes connections and never says a word. */
async function silentMailbox() {
	const { server, port } = await listening();
	let callers = 0;
	server.on("connection", () => callers++);
	/** The page says that the password is checked before the server has even been asked. */
	const waitUntilAsked = () => eventually("a question to the mailbox", () => callers > 0);
	const close = async (): Promise<void> => void server.close();
	return { url: `smtp://127.0.0.1:${port}`, waitUntilAsked, [Symbol.asyncDispose]: close };
}

/** Checks that the client exits with this code, gives the terminal back and leaves no key. */
async function expectLeft(screen: Screen, stage: Stage, code = 0): Promise<void> {
	expect(await screen.exit()).toBe(code);
	expect(screen.isCooked).toBe(true);
	const hidden = screen.written.lastIndexOf("\x1b[?25l");
	expect(screen.written.lastIndexOf("\x1b[?25h")).toBeGreaterThanOrEqual(hidden);
	await eventually("no key", async () => (await stage.keyFiles()).length === 0);
	showsNoPassword(screen);
}

test("the server stopped while Gmail is asked: it is said, and there is no page again", async () => {
	await using mailbox = await silentMailbox();
	await using stage = await Stage.local("--smtp", mailbox.url);
	const screen = openClient(stage, "--name", "ann", "--email", "ann@gmail.com");
	await asks(screen, "Password");
	screen.type(`${PASSWORD}\r`);
	await screen.waitForText("Checking your password with 127.0.0.1");
	await mailbox.waitUntilAsked();
	stage.server.kill("SIGTERM");
	await screen.waitForText("The server was stopped.");
	await expectLeft(screen, stage, 5);
});

describe("Ctrl-C", () => {
	let stage: Stage;
	beforeAll(async () => {
		stage = await Stage.local();
	});
	afterAll(() => stage[Symbol.asyncDispose]());

	const prompts: [prompt: string, before: string[]][] = [
		["User name", []],
		["Mail address", ["--name", "ann"]],
		["Password", ["--name", "ann", "--email", "ann@gmail.com"]],
	];
	for (const [prompt, flags] of prompts) {
		test(`at the prompt for ${prompt}`, async () => {
			const screen = openClient(stage, ...flags);
			await asks(screen, prompt);
			expect(screen.isCooked).toBe(false);
			screen.type(`half${CTRL_C}`);
			await expectLeft(screen, stage);
		});
	}

	test("while Gmail is asked", async () => {
		await using mailbox = await silentMailbox();
		await using stage = await Stage.local("--smtp", mailbox.url);
		const screen = openClient(stage, "--name", "ann", "--email", "ann@gmail.com");
		await asks(screen, "Password");
		screen.type(`${PASSWORD}\r`);
		await screen.waitForText("Checking your password with 127.0.0.1");
		await mailbox.waitUntilAsked();
		expect(screen.isCooked).toBe(false);
		screen.type(CTRL_C);
		await expectLeft(screen, stage);
	});

	test("on the second page", async () => {
		const screen = openClient(stage);
		await fillIn(screen, "ann", "ann@gmail.com", WRONG);
		await asks(screen, "User name", "ann", "localhost rejected");
		screen.type(CTRL_C);
		await expectLeft(screen, stage);
	});

	test("in the room, in the middle of a line", async () => {
		await using stage = await Stage.openWith({ isLocal: true, endsWhenEmpty: true });
		const screen = openClient(stage);
		await fillIn(screen, "ann", "ann@gmail.com", PASSWORD);
		await screen.waitForText("You are ann");
		expect(screen.isCooked).toBe(false);
		// One Ctrl-C typed by mistake does not end the visit: it only clears the line.
		screen.type(`half a line${CTRL_C}`);
		await screen.waitForText("Line cleared. Press Ctrl-C again to leave.");
		expect(screen.isCooked).toBe(false);
		screen.type(CTRL_C);
		await expectLeft(screen, stage);
		expect(await stage.server.exit()).toBe(0);
	});
});
