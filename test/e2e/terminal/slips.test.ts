import { afterAll, beforeAll, expect, test } from "bun:test";
import { eventually } from "../../support/eventually.ts";
import { addressOf, PASSWORD } from "../../support/mailbox.ts";
import { Peer } from "../../support/peer.ts";
import { Program, Stage } from "../../support/programs.ts";
import { Screen } from "../../support/terminal.ts";
import { enter, sayYes, textsFrom, waitForMessage, waitUntilTyped } from "./visit.ts";

// Lines that nobody meant to send as they are: a password, a private message to a mistyped name.

let stage: Stage;
let bob: Peer;

beforeAll(async () => {
	stage = await Stage.local("--owner", "ann@gmail.com");
	bob = await Peer.member(stage, "bob");
});

afterAll(() => stage[Symbol.asyncDispose]());

const RIGHT = "\x1b[C";
const UP = "\x1b[A";
const GROUPED = PASSWORD.replaceAll(/(.{4})(?=.)/g, "$1 ");
const IS_SECRET = "Not sent: that is what you log in with.";

/** How often a text is on the screen. */
const countOf = (screen: Screen, text: string): number => screen.text.split(text).length - 1;

/** Everything that bob has got is free of the password, in whatever form. */
function expectUntold(): void {
	const got = JSON.stringify(bob.messages)
		.replaceAll(/[^a-z]/gi, "")
		.toLowerCase();
	expect(got).not.toContain(PASSWORD);
}

test("a line that is the password is not sent, in no form and by no command, and no history keeps it", async () => {
	await using ann = await enter(stage, "ann", { cols: 120 });
	const lines = [PASSWORD, GROUPED, ` ${GROUPED.toUpperCase()} `, `/me ${PASSWORD}`];
	lines.push(`/tell bob ${GROUPED}`, `/announce ${PASSWORD}`, `/kick bob ${GROUPED}`);
	lines.push(`hello\\\r${GROUPED}`);
	ann.type("before it\r");
	await waitForMessage(bob, { type: "said", text: "before it" });
	for (const [index, line] of lines.entries()) {
		ann.type(`${line}\r`);
		await eventually(line, () => countOf(ann, IS_SECRET) > index);
	}
	ann.type(UP);
	await waitUntilTyped(ann, "before it|");
	ann.type("\x15after it\r");
	await waitForMessage(bob, { type: "said", text: "after it" });
	expectUntold();
	expect(textsFrom(bob, "ann")).toEqual(["before it", "after it"]);
});

test("the password that was typed on the login page is known, too", async () => {
	const who = ["--name", "carl", "--email", addressOf("carl")];
	await using carl = new Screen("client.ts", stage.clientArgs(...who), { isLocal: true });
	await carl.waitForText("Password");
	carl.type(`${PASSWORD}\r`);
	await carl.waitForText("You are carl");
	carl.type(`${GROUPED}\r`);
	await carl.waitForText(IS_SECRET);
	carl.type("that was close\r");
	await waitForMessage(bob, { type: "said", text: "that was close" });
	expectUntold();
});

test("four groups of four letters are asked about: a no gives the line back, a yes sends it", async () => {
	await using dora = await enter(stage, "dora", { cols: 120 });
	const question = /^This looks like an app password .* Send it to everybody\?/m;
	dora.type("wait: that tall tree fell\r");
	await dora.waitForText(question);
	await dora.waitForText(/\[y\/n\]$/);
	dora.type("n");
	await waitUntilTyped(dora, "wait: that tall tree fell|");
	expect(textsFrom(bob, "dora")).toEqual([]);
	dora.type("\x1b[H\x15\x05\r");
	await sayYes(dora);
	await waitForMessage(bob, { type: "said", text: "wait: that tall tree fell" });
	dora.type("/tell bob that tall tree fell\r");
	await dora.waitForText(/Send it to bob\? \[y\/n\]$/);
	dora.type("y");
	await waitForMessage(bob, { type: "told", text: "that tall tree fell" });
	// If the program ends before the answer, it says what was not sent.
	dora.type("that tall tree grew\r");
	await dora.waitForText(question);
	dora.kill("SIGTERM");
	expect(await dora.exit()).toBe(0);
	await dora.waitForText("▐ !! Not sent: that tall tree grew\n");
});

test("the prompt says that nobody here has a name, as long as nobody has", async () => {
	await using ivy = await enter(stage, "ivy", { cols: 120 });
	ivy.type("/tell jon only you");
	await ivy.waitForText(/to jon only, who is not here ?> \/tell jon only you$/);
	const jon = await Peer.member(stage, "jon");
	await ivy.waitForText(/to jon only ?> \/tell jon only you$/);
	jon.send({ type: "leave" });
	await ivy.waitForText(/to jon only, who is not here ?> \/tell jon only you$/);
	ivy.type("\x15/tell bob only you");
	await ivy.waitForText(/to bob only ?> \/tell bob only you$/);
});

test("a mistyped /tell comes back, and what came right after it is kept below it", async () => {
	await using eve = await enter(stage, "eve", { cols: 120 });
	eve.type("/tell bbo the secret\r");
	await eve.waitForText('!! Not sent: Nobody here is called "bbo".');
	await eve.waitForText(/to bbo only, who is not here ?> \/tell bbo the secret$/);
	eve.type(`\x01${RIGHT.repeat(7)}o${RIGHT}\x04\r`);
	await waitForMessage(bob, { type: "told", from: "eve", text: "the secret" });
	// As a paste has it in a terminal without brackets.
	eve.type("/tell bbo one\rtwo\r/me three\r");
	await eve.waitForText(/> \/tell bbo one\n┊ two\n┊ \/me three$/);
	await eve.waitForText("What came right after that line is kept below it, and not sent either.");
	eve.type("\x03/reply me\r");
	await eve.waitForText("!! Nobody has sent you a private message yet.");
	await eve.waitForText(/> \/reply me$/);
	eve.type("\x03the end\r");
	await waitForMessage(bob, { type: "said", from: "eve", text: "the end" });
	expect(textsFrom(bob, "eve")).toEqual(["the end"]);
});

test("a bot is not asked, but its password is not sent either", async () => {
	const args = (name: string, ...flags: string[]) =>
		stage.clientArgs("--name", name, "--email", addressOf(name), ...flags);
	const env = { FERNET_CHAT_PASSWORD: PASSWORD };
	await using piped = new Program("client.ts", args("fay"), env);
	piped.write(`${GROUPED}\nthat tall tree fell\n`);
	await waitForMessage(bob, { type: "said", from: "fay", text: "that tall tree fell" });
	expect(piped.out).toContain(IS_SECRET);
	const bot = await stage.member("gus");
	for (const request of [
		{ type: "say", id: "1", text: PASSWORD },
		{ type: "tell", id: "2", to: "bob", text: GROUPED },
		{ type: "announce", id: "3", text: `x\n${PASSWORD}` },
	]) {
		bot.send(request);
		await bot.waitFor({ type: "refused", id: request.id, code: "bad_input" });
	}
	bot.say("that tall tree grew");
	await waitForMessage(bob, { type: "said", from: "gus", text: "that tall tree grew" });
	expectUntold();
});
