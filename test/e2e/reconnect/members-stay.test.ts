import { expect, test } from "bun:test";
import { reason } from "../../../lib/wire/errors/reason.ts";
import { eventually } from "../../support/eventually.ts";
import { addressOf, PASSWORD } from "../../support/mailbox.ts";
import { type Bot, Program, type Stage } from "../../support/programs.ts";
import { Screen } from "../../support/terminal.ts";
import { enter, typed, waitUntilTyped } from "../terminal/visit.ts";
import { KeptRoom } from "./kept-room.ts";
import { openOnQuietPort, startAgain, stop } from "./restarted.ts";

// A server is stopped, or killed, and started again under members of every kind. Those whose room is
// kept in a file come back with their tokens; the others are in a new room.

const env = { FERNET_CHAT_PASSWORD: PASSWORD };
const who = (name: string): string[] => ["--name", name, "--email", addressOf(name)];
const isIn = (bot: Bot, type: string): boolean => bot.lines.some((line) => line.type === type);
const said = (bot: Bot): unknown[] =>
	bot.lines.flatMap(({ type, text }) => (type === "said" ? [text] : []));

/** Six members: two bots, two at terminals who need not log in by hand, one who must, one with pipes. */
async function sixIn(stage: Stage) {
	const bots = [await stage.member("ann"), await stage.memberProgram("ben")] as const;
	const people = [
		await enter(stage, "cyd", { env }),
		await enter(stage, "dan", { flags: ["--plain"] }),
		await sitDown(stage, "eve"),
	] as const;
	for (const person of people) stage.tidy(person);
	const piped = stage.tidy(new Program("client.ts", stage.clientArgs(...who("fay")), env));
	await piped.waitForOutput("You are fay");
	for (const bot of bots) await bot.waitFor({ type: "joined", name: "fay" });
	return { bots, people, piped };
}

/** A person who types the password. */
async function sitDown(stage: Stage, name: string, ...flags: string[]): Promise<Screen> {
	const screen = new Screen("client.ts", stage.clientArgs(...who(name), ...flags), {
		isLocal: true,
	});
	stage.tidy(screen);
	await screen.waitForText("Password");
	screen.type(`${PASSWORD}\r`);
	await screen.waitForText(`You are ${name}`);
	return screen;
}

for (const signal of ["SIGTERM", "SIGKILL"] as const) {
	test(`with --room, after ${signal}: all six are back with their tokens, drafts and unsent lines`, async () => {
		await using kept = await KeptRoom.open();
		const { stage } = kept;
		const { bots, people, piped } = await sixIn(stage);
		const [ann, ben] = bots;
		const [cyd, dan, eve] = people;
		cyd.type("said before\r");
		await ann.waitFor({ type: "said", text: "said before" });
		cyd.type("half a line");
		await waitUntilTyped(cyd, "half a line|");

		await kept.stop(signal);
		const code = signal === "SIGTERM" ? "moving" : "server_lost";
		const { text } = await ann.waitFor({ type: "offline", code });
		for (const screen of people) await screen.waitForText(`!! ${text} Reconnecting.`);
		await piped.waitForOutput(`!! ${text} Reconnecting.`);
		ben.say("by a bot, in between");
		piped.write("by a pipe, in between\n");
		eve.type("by a person, in between\r");
		await eve.waitForText("… by a person, in between");

		await kept.start();
		for (const bot of bots) await bot.waitFor({ type: "online", lost: 0 });
		for (const screen of people) await screen.waitForText("Connected again.");
		await piped.waitForOutput("Connected again.");
		await eventually("all was said", () => said(ann).length === 4);
		expect(said(ann).toSorted()).toEqual([
			...["by a bot, in between", "by a person, in between", "by a pipe, in between"],
			"said before",
		]);
		expect(typed(cyd)).toBe("half a line|");
		cyd.type("\x15\x1b[A");
		await waitUntilTyped(cyd, "said before|");
		dan.type("and on\n");
		await ann.waitFor({ type: "said", from: "dan", text: "and on" });
		for (const bot of bots) expect(isIn(bot, "rejoining")).toBe(false);
		// Nobody has logged in again.
		expect(stage.logins).toHaveLength(6);
		// It is said in one place.
		for (const screen of people) expect(screen.text.split("Reconnecting.")).toHaveLength(2);
	});
}

test("without --room: all say that the room may be new; whoever can log in without a person does", async () => {
	await using stage = await openOnQuietPort();
	const { bots, people, piped } = await sixIn(stage);
	const [ann, ben] = bots;
	const [cyd, dan, eve] = people;
	cyd.type("said before\r");
	await ann.waitFor({ type: "said", text: "said before" });
	cyd.type("half a line");
	await stop(stage);
	await ann.waitFor({ type: "offline", code: "server_stopped" });
	ben.send({ type: "say", id: "b1", text: "by a bot, in between" });
	piped.write("by a pipe, in between\n");
	eve.type("by a person, in between\r");
	await eve.waitForText("… by a person, in between");

	await startAgain(stage);
	const { text } = reason("resume_expired");
	for (const bot of bots) {
		await bot.waitFor({ type: "rejoining", code: "resume_expired", text });
		await eventually("a second welcome", () => count(bot, "welcome") === 2);
		expect(isIn(bot, "online")).toBe(false);
	}
	for (const screen of people) await screen.waitForText(`!! ${text}`);
	for (const screen of [cyd, dan])
		await screen.waitForText(/no longer knows you[\s\S]*You are (cyd|dan)/);
	await piped.waitForOutput(/no longer knows you[\s\S]*You are fay/);
	// What was never sent goes out; the person who is not in yet has to decide on theirs.
	await ben.waitFor({ type: "said", from: "ben", id: "b1" });
	await piped.waitForOutput(/ fay: by a pipe, in between\n/);
	await eve.waitForText(/✗ Not sent: by a person, in between[\s\S]*Press Enter to log in again\./);
	await eventually("five are in", () => stage.logins.length === 11);
	await waitUntilTyped(cyd, "half a line|");
	cyd.type("\x15\x1b[A");
	await waitUntilTyped(cyd, "said before|");
	cyd.type("\r");
	await ben.waitFor({ type: "said", from: "cyd", text: "said before" });
	expect(await stage.keyFiles()).toHaveLength(5);
});

const count = (bot: Bot, wanted: string): number =>
	bot.lines.filter(({ type }) => type === wanted).length;
