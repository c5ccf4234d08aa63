import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { eventually } from "../../support/eventually.ts";
import { memberAs } from "../../support/owners.ts";
import { Peer } from "../../support/peer.ts";
import { type Bot, type Json, Stage } from "../../support/programs.ts";
import { visitOf, waitUntilMet } from "./meeting.ts";

// What an owner does to a member who has left harms nobody who has the name now.

const OWNER = ["--owner", "ann@gmail.com"];

/** A room in which bob has left and somebody else has taken the name, as ann, an owner, knows. */
async function takenName(stage: Stage): Promise<{ ann: Peer; over: string; bob: Bot }> {
	const ann = await Peer.member(stage, "ann");
	const first = await stage.member("bob");
	const over = await visitOf(first);
	first.send({ type: "leave" });
	await first.exit();
	const bob = await memberAs(stage, "bob", "another@gmail.com");
	const visit = await visitOf(bob);
	await eventually("ann meets bob", () => ann.visitOf("bob") === visit);
	return { ann, over, bob };
}

const requests: Json[] = [
	{ type: "kick", name: "bob", reason: "spam" },
	{ type: "mute", name: "bob" },
	{ type: "ban", who: "bob", reason: "spam" },
	{ type: "unmute", who: "bob" },
	{ type: "sign_out_member", who: "bob" },
];

/** The owner's requests, each refused with its id. */
async function expectNobodyMeant(ann: Peer, fields: (request: Json) => object): Promise<void> {
	for (const request of requests) {
		const id = `${request.type}-${ann.n}`;
		ann.send({ ...request, ...fields(request), id });
		const refused = await eventually(id, () => ann.messages.find((each) => each.id === id));
		expect(refused).toMatchObject({ type: "refused", code: "no_such_member", id });
	}
}

/** Neither muted nor gone nor banned. */
async function expectUnharmed(stage: Stage, ann: Peer, bob: Bot): Promise<void> {
	const before = ann.messages.length;
	bob.say("still here");
	await eventually("bob heard", () =>
		ann.messages.slice(before).some(({ from, text }) => from === "bob" && text === "still here"),
	);
	const done = bob.lines
		.map(({ type }) => type)
		.filter((type) => /^(kick|bann|mut|unmut)ed$/.test(type));
	expect(done).toEqual([]);
	expect(existsSync(stage.state)).toBe(false);
}

test("a kick, mute, ban or unmute of a visit that is over is refused, and harms nobody", async () => {
	await using stage = await Stage.local(...OWNER);
	const { ann, over, bob } = await takenName(stage);
	await expectNobodyMeant(ann, () => ({ visit: over }));
	await expectUnharmed(stage, ann, bob);
	// Neither is the one who has left banned.
	await memberAs(stage, "robert", "bob@gmail.com");
});

test("so is one of a name with another member's visit, or of a name that only looks alike", async () => {
	await using stage = await Stage.local(...OWNER);
	const { ann, bob } = await takenName(stage);
	await expectNobodyMeant(ann, () => ({ visit: ann.visitOf("ann") }));
	await expectNobodyMeant(ann, (request) => ({
		["name" in request ? "name" : "who"]: "b0b",
		visit: ann.visitOf("bob"),
	}));
	await expectUnharmed(stage, ann, bob);
	ann.send({ type: "kick", name: "BOB", visit: ann.visitOf("bob") });
	expect(await bob.exit()).toBe(2);
});

test("a ban of a name must say which visit, and one of an address needs none", async () => {
	await using stage = await Stage.local(...OWNER);
	const { ann, bob } = await takenName(stage);
	ann.send({ type: "ban", who: "bob", id: "b1" });
	expect(await ann.waitFor("refused")).toMatchObject({ code: "bad_field", id: "b1" });
	await expectUnharmed(stage, ann, bob);
	ann.send({ type: "ban", who: "another@gmail.com" });
	expect(await bob.exit()).toBe(2);
});

test("a bot that gives the visit itself means that one", async () => {
	await using stage = await Stage.local(...OWNER);
	const first = await stage.member("bob");
	const over = await visitOf(first);
	first.send({ type: "leave" });
	await first.exit();
	const ann = await stage.member("ann");
	const bob = await memberAs(stage, "bob", "another@gmail.com");
	await waitUntilMet(ann, bob);
	ann.send({ type: "kick", id: "k1", name: "bob", visit: over });
	expect(await ann.waitFor({ type: "refused" })).toMatchObject({
		code: "no_such_member",
		id: "k1",
	});
	ann.send({ type: "kick", id: "k2", name: "bob" });
	expect(await bob.exit()).toBe(2);
});
