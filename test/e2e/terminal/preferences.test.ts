import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addressOf, PASSWORD } from "../../support/mailbox.ts";
import { Peer } from "../../support/peer.ts";
import { Program, Stage } from "../../support/programs.ts";
import type { Screen } from "../../support/terminal.ts";
import { enter, say } from "./visit.ts";

// What was chosen with /bell, /time and /ignore, in the next run.

let stage: Stage;
let bob: Peer;
let home: string;

beforeAll(async () => {
	stage = await Stage.local();
	bob = await Peer.member(stage, "bob");
	home = await mkdtemp(join(tmpdir(), "fernet-chat-home-"));
});
afterAll(async () => {
	await stage[Symbol.asyncDispose]();
	await rm(home, { recursive: true });
});

const sit = (...flags: string[]) =>
	enter(stage, "ann", { flags, env: { XDG_CONFIG_HOME: home }, cols: 140 });

async function leave(screen: Screen): Promise<void> {
	screen.type("/quit\r");
	expect(await screen.exit()).toBe(0);
}

/** Has bob say this, and waits for it. */
async function hear(screen: Screen, text: string): Promise<void> {
	say(bob, text);
	await screen.waitForText(text);
}

test("/bell and /time last, a flag wins for its run, and a bot has neither", async () => {
	await using first = await sit();
	await hear(first, "hello ann");
	expect(first.written).toContain("\x07");
	first.type("/bell off\r/time off\r");
	await first.waitForText("/time is now off.");
	await leave(first);

	await using second = await sit();
	await hear(second, "are you there, ann?".replace("?", ""));
	expect(second.text).toMatch(/^▐ » bob: are you there, ann$/m);
	expect(second.written).not.toContain("\x07");
	await leave(second);

	await using third = await sit("--bell", "all");
	await hear(third, "hello everybody");
	expect(third.written).toContain("\x07");
	await leave(third);

	await using plain = await sit("--plain");
	await hear(plain, "plainly");
	expect(plain.text).toMatch(/^▐ bob: plainly$/m);
	plain.type("/leave\n");
	expect(await plain.exit()).toBe(0);

	const args = stage.clientArgs("--name", "ann", "--email", addressOf("ann"));
	const env = { FERNET_CHAT_PASSWORD: PASSWORD, XDG_CONFIG_HOME: home };
	await using bot = new Program("client.ts", args, env);
	await bot.waitForOutput("You are ann");
	say(bob, "to the bot");
	await bot.waitForOutput(/^▐ \d\d:\d\d bob: to the bot$/m);
});

test("/ignore lasts for a visit, and tells of a namesake once", async () => {
	await using first = await sit();
	first.type("/ignore bob\r");
	await first.waitForText("You ignore bob now.");
	await leave(first);

	await using carl = await Peer.member(stage, "carl");
	await using second = await sit();
	await second.waitForText(/^▐ -- You still ignore: bob$/m);
	say(bob, "never shown");
	say(carl, "after it");
	await second.waitForText("carl: after it");
	expect(second.text).not.toContain("never shown");
	await leave(second);

	bob.send({ type: "leave" });
	await bob.waitUntilClosed();
	await using third = await sit();
	third.type("/ignore\r");
	await third.waitForText(/You ignore nobody\.\n {2}┊ Ignored, but gone: bob$/m);
	bob = await Peer.member(stage, "bob");
	await third.waitForText("bob is here now. The one whom you ignored has left");
	await hear(third, "I am somebody else");
	await leave(third);

	await using fourth = await sit();
	await hear(fourth, "and still here");
	expect(fourth.text).not.toContain("ignore");
	await leave(fourth);
});
