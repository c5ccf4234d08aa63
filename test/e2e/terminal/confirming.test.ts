import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { reason } from "../../../lib/wire/errors/reason.ts";
import { eventually } from "../../support/eventually.ts";
import { addressOf, PASSWORD } from "../../support/mailbox.ts";
import { Peer } from "../../support/peer.ts";
import { Program, Stage } from "../../support/programs.ts";
import type { Screen } from "../../support/terminal.ts";
import { enter, say, sayYes, textsFrom, waitForMessage, waitUntilTyped } from "./visit.ts";

// What cannot be undone is asked about, and hands that were faster than eyes answer nothing.

const OWNER = "ann@gmail.com";

/** Waits until the last line of the screen is this question, with its answers or without. */
const waitForQuestion = (screen: Screen, text: string): Promise<unknown> =>
	eventually(
		text,
		() => screen.lines.at(-1)?.startsWith(text),
		() => screen.text,
	);

test("/cl Tab Tab Enter asks, names how many it ends the room for, and ends nothing by itself", async () => {
	await using stage = await Stage.local("--owner", OWNER);
	const bob = await Peer.member(stage, "bob");
	await using ann = await enter(stage, "ann");
	const question = "Close the room for everybody? 2 people are here.";
	// All at once, twice: Enter is no answer, nor is a yes that came before anybody could read.
	ann.type("/cl\t\t\r\ry");
	await waitForQuestion(ann, question);
	say(bob, "still here");
	await ann.waitForText("bob: still here");
	await waitForQuestion(ann, `${question} [y/n]`);
	ann.type("\r");
	ann.type("n");
	await ann.waitForText("-- Not done.");
	// What was typed ahead is on the line, to be looked at.
	await waitUntilTyped(ann, "y|");
	ann.type("\x15/close\r");
	await sayYes(ann);
	expect(await ann.exit()).toBe(0);
	await ann.waitForText(reason("room_closed", "ann").text);
	expect(await stage.server.exit()).toBe(0);
});

describe("who is removed", () => {
	let stage: Stage;
	let ann: Screen;
	let bob: Peer;
	beforeAll(async () => {
		stage = await Stage.local("--owner", OWNER);
		bob = await Peer.member(stage, "bob");
		ann = stage.tidy(await enter(stage, "ann", { cols: 120 }));
	});
	afterAll(() => stage[Symbol.asyncDispose]());

	/** A member of this name, with an account of this name. */
	async function member(name: string, account: string): Promise<Peer> {
		const peer = Peer.greeting(stage);
		const email = `${account}@gmail.com`;
		peer.send({ type: "login", name, email, password: PASSWORD });
		await peer.waitFor("welcome");
		return peer;
	}

	const removals = [
		["/kick", "carl", "Remove carl (c***@gmail.com) from the room? They can log in again."],
		[
			"/ban",
			"dave",
			"Ban dave (d***@gmail.com)? The account is removed, and kept out until you type /unban.",
		],
	] as const;
	test.each(removals)(
		"%s %s: whom the question was about, and no other of the name: they leave, and nobody is asked",
		async (command, name, text) => {
			const meant = await member(name, name);
			await ann.waitForText(`${name} joined`);
			ann.type("/who\r");
			await ann.waitForText(RegExp(`${name}  .\\*\\*\\*@gmail\\.com`));
			ann.type(`${command} ${name}\r`);
			await waitForQuestion(ann, text);
			meant.send({ type: "leave" });
			await meant.waitUntilClosed();
			await ann.waitForText(`-- ${name} has left, so you need not answer any more.`);
			await ann.waitForText(RegExp(`${name} has left, so[\\s\\S]*-- Not done\\.`));
			await using other = await member(name, "other");
			say(other, "I am new");
			await ann.waitForText(`${name}: I am new`);
			// No question takes it.
			ann.type("y");
			await waitUntilTyped(ann, "y|");
			ann.type("\x7f");
			expect(other.messages.filter(({ type }) => type === "closing")).toEqual([]);
			other.send({ type: "leave" });
			await other.waitUntilClosed();
		},
	);

	test("by address, which is named as it was typed", async () => {
		ann.type("/ban e.ve@gmail.com\r");
		await waitForQuestion(ann, "Ban e.ve@gmail.com? The account is removed");
		await sayYes(ann);
		await waitForMessage(bob, { type: "banned", by: "ann" });
	});

	test("nobody, when Escape, Ctrl-C or Ctrl-G comes, however early, or no, of which nothing is said", async () => {
		const noes = (): number => ann.text.split("-- Not done.").length;
		for (const keys of ["\x03", "\x07", "n", "no\r"]) {
			const before = noes();
			ann.type("/kick bob\r");
			const [key = "", ...rest] = keys;
			if (key === "n") await ann.waitForText(/^Remove bob .* \[y\/n\]$/m);
			ann.type(key);
			await eventually("a no", () => noes() > before);
			ann.type(rest.join(""));
		}
		ann.type("then this\r");
		await waitForMessage(bob, { type: "said", from: "ann", text: "then this" });
		expect(textsFrom(bob, "ann")).toEqual(["then this"]);
	});

	test("a question that is longer than the screen is wide is whole", async () => {
		await using narrow = await enter(stage, "ann", { cols: 40 });
		narrow.type("/ban somebody.with.a.long.name@gmail.com\r");
		await narrow.waitForText(/\[y\/n\]$/);
		expect(narrow.lines.slice(-4)).toEqual([
			"Ban",
			"┊ somebody.with.a.long.name@gmail.com?",
			"┊ The account is removed, and kept out",
			"┊ until you type /unban. [y/n]",
		]);
		narrow.type("n");
	});
});

describe("in plain lines", () => {
	let stage: Stage;
	let bob: Peer;
	beforeAll(async () => {
		stage = await Stage.local("--owner", OWNER);
		bob = await Peer.member(stage, "bob");
	});
	afterAll(() => stage[Symbol.asyncDispose]());

	test("a person is asked; a yes that was typed ahead does not count; anything else is a no and a line", async () => {
		await using ann = await enter(stage, "ann", { flags: ["--plain"], cols: 120 });
		const dora = await Peer.member(stage, "dora");
		ann.type("/kick dora\ny\n");
		await ann.waitForText("!! A yes before the question can be read does not count.");
		await ann.waitForText("-- Not done.");
		ann.type("/kick dora\n");
		await ann.waitForText("Type y or n.");
		ann.type("hello all\n");
		await waitForMessage(bob, { type: "said", from: "ann", text: "hello all" });
		expect(textsFrom(bob, "ann")).toEqual(["hello all"]);
		ann.type("/kick dora\n");
		await ann.waitForText(/hello all[\s\S]*Remove dora from the room\?[\s\S]*Type y or n\./);
		ann.type("YES\n");
		await dora.waitUntilClosed();
		await ann.waitForText("ann removed dora from the room");
		const dina = await Peer.member(stage, "dina");
		ann.type("/kick dina\n");
		await ann.waitForText("Remove dina from the room?");
		dina.send({ type: "leave" });
		await ann.waitForText(/dina has left, so you need not answer any more\.\n.*Not done\./);
	});

	test("a bot is not asked", async () => {
		const dora = await Peer.member(stage, "dora");
		const args = stage.clientArgs("--name", "ann", "--email", addressOf("ann"));
		await using ann = new Program("client.ts", args, { FERNET_CHAT_PASSWORD: PASSWORD });
		ann.write("/kick dora out\n");
		await dora.waitUntilClosed();
		await ann.waitForOutput("ann removed dora from the room: out");
		expect(ann.out).not.toContain("Type y or n.");
	});
});
