import { afterEach, beforeEach, expect, test } from "bun:test";
import { reason } from "../../../lib/wire/errors/reason.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Peer } from "../../support/peer.ts";
import { Stage } from "../../support/programs.ts";
import type { Screen } from "../../support/terminal.ts";
import { enter, say, sayYes, tell, textsFrom, waitForMessage } from "./visit.ts";

// Somebody leaves, and somebody else takes the name: what was meant for one must not reach another.

let stage: Stage;
let carl: Peer;

beforeEach(async () => {
	stage = await Stage.local("--owner", "ann@gmail.com");
	carl = await Peer.member(stage, "carl");
});

afterEach(() => stage[Symbol.asyncDispose]());

/** What the server says of a name that another member has now. */
const TAKEN = reason("no_such_member", "bob", true).text;

const REFUSED = `✗ Not sent: PRIVATE to bob: the secret \\(${TAKEN}`;

/** A member called bob; each has an account of its own. */
async function bobOf(account: string): Promise<Peer> {
	const peer = Peer.greeting(stage);
	peer.send({ type: "login", name: "bob", email: `${account}@gmail.com`, password: PASSWORD });
	await peer.waitFor("welcome");
	return peer;
}

async function leave(peer: Peer): Promise<void> {
	peer.send({ type: "leave" });
	await peer.waitUntilClosed();
}

/** Lets bob leave and another bob join, both seen by ann. */
async function swap(ann: Screen, bob: Peer): Promise<Peer> {
	await leave(bob);
	const other = await bobOf("other");
	say(other, "I am new here");
	await ann.waitForText("bob: I am new here");
	return other;
}

/** Fails if one of them has got the secret; what ann says afterwards shows that it will not come. */
async function expectUntold(ann: Screen, ...peers: Peer[]): Promise<void> {
	ann.type("nothing to hide\r");
	for (const peer of peers) {
		await waitForMessage(peer, { type: "said", from: "ann", text: "nothing to hide" });
		expect(peer.messages.filter(({ type }) => type === "told" || type === "kicked")).toEqual([]);
		expect(textsFrom(peer, "ann")).toEqual(["nothing to hide"]);
	}
}

test("/tell bob, typed to one bob and sent when another has the name: refused, and nobody hears it", async () => {
	await using ann = await enter(stage, "ann", { cols: 140 });
	const bob = await bobOf("bob");
	await ann.waitForText("bob joined");
	ann.type("/tell bob the secret");
	await ann.waitForText(/to bob only ?> \/tell bob the secret$/m);
	await using other = await swap(ann, bob);
	ann.type("\r");
	await ann.waitForText(REFUSED);
	// Sending it again means the same bob.
	ann.type("/again\r");
	await expectUntold(ann, other, carl);
	await ann.waitForText(REFUSED);
	// A new line means the one who is here.
	ann.type("/forget\r/tell bob welcome\r");
	await waitForMessage(other, { type: "told", from: "ann", text: "welcome" });
	await leave(other);
});

test("/kick bob, typed about one bob and sent when another has the name: refused, and nobody is kicked", async () => {
	await using ann = await enter(stage, "ann", { cols: 140 });
	const bob = await bobOf("bob");
	await ann.waitForText("bob joined");
	ann.type("/kick bob enough");
	await ann.waitForText(/> \/kick bob enough$/m);
	await using other = await swap(ann, bob);
	// Nobody is asked about one who has left.
	ann.type("\r");
	await ann.waitForText(`!! ${TAKEN}`);
	await expectUntold(ann, other);
	ann.type("/kick bob enough\r");
	await sayYes(ann);
	expect(await other.waitFor("closing")).toMatchObject({ code: "kicked" });
	await other.waitUntilClosed();
});

test("/reply goes to who told something last, and to nobody else of that name", async () => {
	await using ann = await enter(stage, "ann", { cols: 140 });
	const bob = await bobOf("bob");
	tell(bob, "ann", "what is the secret?");
	await ann.waitForText("what is the secret\\?");
	await using other = await swap(ann, bob);
	ann.type("/reply the secret\r");
	await ann.waitForText(REFUSED);
	await expectUntold(ann, other, carl);
	await leave(other);
});

test("/ignore hides the bob who is here, and no later one, of which it says so", async () => {
	await using ann = await enter(stage, "ann", { cols: 140 });
	const bob = await bobOf("bob");
	await ann.waitForText("bob joined");
	ann.type("/ignore bob\r");
	await ann.waitForText("You ignore bob now");
	say(bob, "can you hear me?");
	await using other = await swap(ann, bob);
	expect(ann.text).not.toContain("can you hear me?");
	expect(ann.text).toContain("To ignore this one, too: /ignore bob");
	ann.type("/ignore\r");
	await ann.waitForText("You ignore nobody.");
	tell(other, "ann", "hello");
	await ann.waitForText("bob → you: hello");
	ann.type("/ignore bob\r");
	await ann.waitForText(/too: \/ignore bob[\s\S]*You ignore bob now/);
	say(other, "and now?");
	say(carl, "after it");
	await ann.waitForText("after it");
	expect(ann.text).not.toContain("and now?");
	await leave(other);
});
