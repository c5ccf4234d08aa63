import { expect, test } from "bun:test";
import { randomId } from "../../../lib/util/random-id.ts";
import { eventually } from "../../support/eventually.ts";
import { Peer } from "../../support/peer.ts";
import { type Json, Stage } from "../../support/programs.ts";

// The resume token, by hand: which account it belongs to, and how often it works.

/** A connection whose first message is `resume`. */
function resumer(stage: Stage, token: unknown, seq: unknown = 0): Peer {
	const peer = Peer.greeting(stage);
	peer.send({ type: "resume", token, seq, private: 0 });
	return peer;
}

/** The code with which the server denies a token before it closes the connection. */
async function denial(stage: Stage, token: unknown): Promise<unknown> {
	const peer = resumer(stage, token);
	const { code } = await peer.waitFor("denied");
	await peer.waitUntilClosed();
	return code;
}

/** A member, its token and the last event it knows of. */
async function join(
	stage: Stage,
	name: string,
): Promise<{ peer: Peer; token: unknown; seq: unknown }> {
	const peer = await Peer.member(stage, name);
	const { resume: token, seq } = await peer.waitFor("welcome");
	return { peer, token, seq };
}

async function roster(peer: Peer): Promise<unknown[]> {
	const before = peer.messages.length;
	peer.send({ type: "who" });
	const answer = await eventually("roster", () =>
		peer.messages.slice(before).find(({ type }) => type === "roster"),
	);
	return (answer.members as Json[]).map(({ name }) => name);
}

test.concurrent("a token that nobody was given, or that is none, is denied", async () => {
	await using stage = await Stage.local();
	const { token } = await join(stage, "ann");
	for (const unknown of [
		randomId(),
		"0".repeat(32),
		String(token).split("").toReversed().join(""),
	]) {
		expect(await denial(stage, unknown)).toBe("resume_expired");
	}
	for (const wrong of ["", "ann", `${token}0`, String(token).toUpperCase(), 5, null, [token]]) {
		if (wrong === token) continue;
		expect(await denial(stage, wrong)).toBe("bad_field");
	}
	expect(stage.logins).toHaveLength(1);
});

test.concurrent("every return brings another token, and all are good until the newest is confirmed", async () => {
	await using stage = await Stage.local();
	const { peer, token, seq } = await join(stage, "ann");
	peer.cut();
	// The client may have lost the answer with the connection, so the older token still works.
	const lost = resumer(stage, token, seq);
	const { resume: next } = await lost.waitFor("resumed");
	expect(next).not.toBe(token);
	lost.cut();
	const late = resumer(stage, token, seq);
	const { resume: third } = await late.waitFor("resumed");
	late.cut();
	const again = resumer(stage, next, seq);
	const { resume: fourth } = await again.waitFor("resumed");
	expect(new Set([token, next, third, fourth]).size).toBe(4);

	again.send({ type: "ping", private: 0 });
	await again.waitFor("pong");
	for (const spent of [token, next, third]) {
		expect(await denial(stage, spent)).toBe("resume_expired");
	}
	again.cut();
	await resumer(stage, fourth, seq).waitFor("resumed");
	expect(stage.logins).toHaveLength(1);
});

test.concurrent("a token brings back its own account and no other, and crosses the wire in no clear line", async () => {
	await using stage = await Stage.local();
	const ann = await join(stage, "ann");
	const bob = await join(stage, "bob");
	bob.peer.cut();
	const back = resumer(stage, bob.token, bob.seq);
	await back.waitFor("resumed");
	back.send({ type: "say", id: "1", text: "who am I?" });
	expect(await ann.peer.waitFor("said")).toMatchObject({ from: "bob", text: "who am I?" });
	expect(await roster(back)).toEqual(["ann", "bob"]);
	for (const token of [ann.token, bob.token]) {
		for (const peer of [ann.peer, bob.peer, back]) expect(peer.received).not.toContain(token);
	}
});

test.concurrent("a member cannot become another: resume after login ends the connection, the other is undisturbed", async () => {
	await using stage = await Stage.local();
	const ann = await join(stage, "ann");
	const eve = await join(stage, "eve");
	eve.peer.send({ type: "resume", token: ann.token, seq: 0, private: 0 });
	expect(await eve.peer.waitFor("closing")).toMatchObject({ code: "already_logged_in" });
	ann.peer.send({ type: "say", id: "1", text: "undisturbed" });
	expect(await ann.peer.waitFor("said")).toMatchObject({ from: "ann" });
});

test.concurrent("a token ends with its membership: after leave, after grace, after a login from elsewhere", async () => {
	await using stage = await Stage.local("--grace", "1");
	const witness = await Peer.member(stage, "witness");
	const leaver = await join(stage, "leaver");
	leaver.peer.send({ type: "leave" });
	await leaver.peer.waitUntilClosed();
	expect(await denial(stage, leaver.token)).toBe("resume_expired");

	const older = await join(stage, "mover");
	const newer = await join(stage, "mover");
	expect(await older.peer.waitFor("closing")).toMatchObject({ code: "replaced" });
	expect(await denial(stage, older.token)).toBe("resume_expired");

	newer.peer.cut();
	const left = () =>
		witness.messages.filter(({ type, name }) => type === "left" && name === "mover");
	await eventually("mover gone twice", () => left().length === 2);
	expect(await denial(stage, newer.token)).toBe("resume_expired");
	expect(await roster(witness)).toEqual(["witness"]);
});

test.concurrent("the newest connection wins while the older still seems alive, and nobody else hears of it", async () => {
	await using stage = await Stage.local();
	const bob = await join(stage, "bob");
	const ann = await join(stage, "ann");
	await bob.peer.waitFor("joined");
	const newest = resumer(stage, ann.token, ann.seq);
	await newest.waitFor("resumed");
	expect(await ann.peer.waitFor("closing")).toMatchObject({ code: "replaced" });
	await ann.peer.waitUntilClosed();
	bob.peer.send({ type: "say", id: "1", text: "to one ann" });
	expect(await newest.waitFor("said")).toMatchObject({ text: "to one ann" });
	expect(await roster(bob.peer)).toEqual(["bob", "ann"]);
	const kinds = bob.peer.messages.map(({ type }) => type);
	expect(kinds).toEqual(["welcome", "joined", "said", "roster"]);
});

test.concurrent("with --grace 0 a break is a leave", async () => {
	await using stage = await Stage.local("--grace", "0");
	const bob = await join(stage, "bob");
	const ann = await join(stage, "ann");
	ann.peer.cut();
	expect(await bob.peer.waitFor("left")).toMatchObject({ name: "ann" });
	expect(await denial(stage, ann.token)).toBe("resume_expired");
});
