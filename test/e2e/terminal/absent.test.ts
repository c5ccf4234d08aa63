import { afterAll, beforeAll, expect, test } from "bun:test";
import { eventually } from "../../support/eventually.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Peer } from "../../support/peer.ts";
import { Program, Stage } from "../../support/programs.ts";
import { WallClock } from "../../support/wall-clock.ts";
import { enter } from "./visit.ts";

// A private line to somebody whose connection is broken, on a server for which minutes pass in an
// instant. Nobody can log in any more when more than one has passed.

let clock: WallClock;
let stage: Stage;
let passed = 0;
beforeAll(async () => {
	clock = new WallClock();
	stage = await Stage.openWith({ env: clock.passingEnv }, "--idle-time", "3600");
});
afterAll(async () => {
	await stage[Symbol.asyncDispose]();
	clock[Symbol.dispose]();
});

function pass(seconds: number): void {
	passed += seconds;
	clock.set(passed);
}

/** With a date if the server's day is another than ours by now. */
const SINCE = "since \\d\\d:\\d\\d(?: on [\\w ,]+)?";

/** Breaks a connection; resolves once the server has noticed. */
async function cut(peer: Peer, name: string): Promise<void> {
	const noticed = (): number => stage.server.err.split(` offline ${name} `).length;
	const before = noticed();
	peer.cut();
	await eventually("offline", () => noticed() > before);
}

test("plain lines say it, too, and a bot reads it in its welcome and in the roster", async () => {
	await using bob = await Peer.member(stage, "bob");
	await cut(bob, "bob");
	await using witness = await stage.member("witness");
	pass(16);
	const { at } = await witness.waitFor({ type: "away", name: "bob" });
	const bot = await stage.member("bot");
	const here = { name: "bob", visit: expect.any(String) };
	expect(bot.lines[0]?.members).toContainEqual({ ...here, away: at });
	bot.send({ type: "who" });
	const { members } = await bot.waitFor({ type: "roster" });
	expect(members).toContainEqual(expect.objectContaining({ ...here, away: at }));
	const args = stage.clientArgs("--plain", "--name", "dan", "--email", "dan@gmail.com");
	await using plain = new Program("client.ts", args, { FERNET_CHAT_PASSWORD: PASSWORD });
	await plain.waitForOutput(/bob \(away\)/);
	plain.write("/tell bob hello\n");
	await plain.waitForOutput(RegExp(`▐ -- bob has been away ${SINCE}, and can read this`));
});

test("the prompt, /tell, /who and the greeting say who is away; who leaves has not read it", async () => {
	await using ann = await enter(stage, "ann");
	await using bob = await Peer.member(stage, "bob");
	await ann.waitForText("bob joined");
	await cut(bob, "bob");
	pass(16);
	await ann.waitForText("~ bob lost the connection");

	ann.type("/tell bob psst");
	await ann.waitForText(RegExp(`^ to bob only, away ${SINCE} > /tell bob psst$`, "m"));
	// Not where the columns are needed for more.
	ann.resize(40, 24);
	await ann.waitForText(/^ to bob only > \/tell bob psst$/m);
	ann.resize(80, 24);
	ann.type("\r");
	await ann.waitForText(
		RegExp(
			`-- bob has been away ${SINCE}, and\\s+can\\s+read\\s+this\\s+only\\s+after\\s+coming\\s+back\\.`,
		),
	);
	ann.type("/tell bob psst again\r");
	await ann.waitForText("you → bob: psst again");
	expect(ann.text.split("has been away")).toHaveLength(2);

	ann.type("/who\r");
	await ann.waitForText(/┊ bob {2}\S* {2}for 0 min {2}\(away for 0 min\)$/m);
	expect(ann.text).toMatch(/┊ ann {2}\S* {2}for 0 min$/m);

	await using carol = await enter(stage, "carol");
	expect(carol.text).toMatch(/Also here: .*ann, bob \(away\)\./);
	carol.type("/tell bob hi");
	await carol.waitForText(RegExp(`^ to bob only, away ${SINCE} > /tell bob hi$`, "m"));

	await using back = await Peer.resume(stage, bob);
	await back.waitFor("told");
	await carol.waitForText("~ bob is back");
	await carol.waitForText(/^ to bob only > \/tell bob hi$/m);
	back.send({ type: "ping", private: 2 });
	carol.type("\r");
	await carol.waitForText("you → bob: hi");
	expect(carol.text).not.toContain("has been away");

	await cut(back, "bob");
	pass(16);
	await ann.waitForText(/is back[\s\S]*~ bob lost/);
	ann.type("/tell bob unread\r");
	await ann.waitForText("you → bob: unread");
	expect(ann.text.split("has been away")).toHaveLength(3);
	pass(601);
	await ann.waitForText("bob left, and may not have received 1 private message from you.");
});
