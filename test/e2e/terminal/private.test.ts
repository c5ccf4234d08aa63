import { afterAll, beforeAll, expect, test } from "bun:test";
import { reason } from "../../../lib/wire/errors/reason.ts";
import { eventually } from "../../support/eventually.ts";
import { Peer } from "../../support/peer.ts";
import { Stage } from "../../support/programs.ts";
import type { Screen } from "../../support/terminal.ts";
import { enter, say, tell, textsFrom, waitForMessage } from "./visit.ts";

// Neither writer nor reader may take a private line for a public one.

let stage: Stage;
let bob: Peer;
let carl: Peer;

beforeAll(async () => {
	stage = await Stage.local();
	bob = await Peer.member(stage, "bob");
	carl = await Peer.member(stage, "carl");
});

afterAll(() => stage[Symbol.asyncDispose]());

/** The lowest line on the screen: the one being typed. */
const lowest = (screen: Screen): string => screen.lines.at(-1) ?? "";

const waitForLowest = (screen: Screen, text: RegExp): Promise<unknown> =>
	eventually(
		`in the lowest line: ${text}`,
		() => text.test(lowest(screen)),
		() => screen.text,
	);

test("/tell goes to one, is marked at both ends, and nobody else hears a thing", async () => {
	await using screen = await enter(stage, "ann");
	await using other = await enter(stage, "dora");
	const heard = carl.received.length;
	screen.type("/tell dora only for you\r");
	await screen.waitForText(/^▐ \d\d:\d\d {2}PRIVATE {2}you → dora: only for you$/m);
	await other.waitForText(/^▐ \d\d:\d\d {2}PRIVATE {2}ann → you: only for you$/m);
	// A private line always rings its recipient's bell.
	expect(other.written).toContain("\x07");
	expect(screen.written).not.toContain("\x07");
	expect(carl.received).toHaveLength(heard);
	screen.type("/tell @DORA once more\r");
	await screen.waitForText(/PRIVATE {2}you → dora: once more$/m);
});

test("/reply goes to whoever told something last", async () => {
	await using screen = await enter(stage, "ann");
	screen.type("/reply to whom?\r");
	await screen.waitForText("!! Nobody has sent you a private message yet.");
	tell(carl, "ann", "from carl");
	await screen.waitForText("carl → you: from carl");
	tell(bob, "ann", "from bob");
	await screen.waitForText("bob → you: from bob");
	screen.type("\x15/reply an answer\r");
	await waitForMessage(bob, { type: "told", from: "ann", text: "an answer" });
	await screen.waitForText("you → bob: an answer");
	expect([textsFrom(bob, "ann"), textsFrom(carl, "ann")]).toEqual([[], []]);
});

test("the prompt says whom the line will go to, while it is typed", async () => {
	await using screen = await enter(stage, "ann");
	tell(carl, "ann", "you know this");
	await screen.waitForText("you know this");
	const lines: [line: string, label: RegExp][] = [
		["hello", /^to all> hello$/],
		["/me waves", /^to all> \/me/],
		["//tell bob x", /^to all> \/\/tell/],
		["/tell bob x", /^(?!to all).*bob.*> \/tell bob x$/],
		["/tell @bob x", /^(?!to all).*bob.*> \/tell @bob x$/],
		["/reply x", /^(?!to all).*carl.*> \/reply x$/],
		["/who", /^(?!to all).*> \/who$/],
	];
	for (const [line, label] of lines) {
		screen.type(line);
		await waitForLowest(screen, label);
		if (/tell [@b]|reply/.test(line) && !line.startsWith("//")) {
			expect(lowest(screen)).toContain("only");
		}
		screen.type("\x15");
		await waitForLowest(screen, /^to all>$/);
	}
});

test("a private message that arrives in between does not redirect an answer being typed", async () => {
	await using screen = await enter(stage, "ann");
	tell(carl, "ann", "what is the number?");
	await screen.waitForText("what is the number?");
	screen.type("/reply it is 4");
	await waitForLowest(screen, /carl.*> \/reply it is 4$/);
	tell(bob, "ann", "good morning");
	await screen.waitForText("good morning");
	screen.type("2\r");
	await screen.waitForText(/you → carl: it is 42$/m);
});

test("to nobody here: the client says so, sends nothing, and keeps nothing to send later", async () => {
	await using screen = await enter(stage, "ann");
	for (const name of ["zoe", "b0b"]) {
		screen.type(`\x15/tell ${name} a secret\r`);
		await screen.waitForText(`!! Not sent: ${reason("no_such_member", name).text}`);
	}
	screen.type("\x15/again\r");
	await screen.waitForText("-- There is nothing to send again.");
	screen.type("that was all\r");
	await waitForMessage(bob, { type: "said", from: "ann", text: "that was all" });
	for (const { messages } of [bob, carl]) {
		expect(JSON.stringify(messages)).not.toContain("a secret");
	}
});

test.each([
	["none of two", 0, "2 private messages"],
	["one of two", 1, "1 private message"],
])("a member that leaves and has confirmed %s: the writer reads that", async (_, count, what) => {
	await using screen = await enter(stage, "ann");
	const zoe = await Peer.member(stage, "zoe");
	await screen.waitForText("zoe joined");
	screen.type("/tell zoe one\r/tell zoe two\r");
	await waitForMessage(zoe, { type: "told", text: "two" });
	zoe.send({ type: "ping", private: count }, { type: "leave" });
	await screen.waitForText(
		new RegExp(`^▐ -- zoe left, and may not have received ${what} from you\\.$`, "m"),
	);
});

test("a member that leaves and has confirmed all that it was told: nothing is said about it", async () => {
	await using screen = await enter(stage, "ann");
	const zoe = await Peer.member(stage, "zoe");
	await screen.waitForText("zoe joined");
	screen.type("/tell zoe one\r");
	await waitForMessage(zoe, { type: "told", text: "one" });
	zoe.send({ type: "ping", private: 1 }, { type: "leave" });
	await screen.waitForText("zoe left");
	say(bob, "that was all");
	await screen.waitForText("bob: that was all");
	expect(screen.text).not.toContain("may not have received");
});

test("our own client confirms what it has shown before it leaves", async () => {
	await using screen = await enter(stage, "ann");
	const zoe = await stage.member("zoe");
	await screen.waitForText("zoe joined");
	screen.type("/tell zoe one\r");
	await zoe.waitFor({ type: "told", text: "one" });
	zoe.send({ type: "leave" });
	expect(await zoe.exit()).toBe(0);
	say(bob, "that is all");
	await screen.waitForText("bob: that is all");
	expect(screen.text).not.toContain("may not have received");
});
