import { expect, test } from "bun:test";
import { eventually } from "../../support/eventually.ts";
import { settle } from "../../support/owners.ts";
import { Peer } from "../../support/peer.ts";
import { Stage } from "../../support/programs.ts";
import { visitsIn } from "../../support/visits.ts";

// A name may be another's tomorrow; a visit never is.

async function leave(peer: Peer): Promise<void> {
	peer.send({ type: "leave" });
	await peer.waitUntilClosed();
}

/** Waits until somebody has heard of a member in another visit than an earlier one. */
const meet = (peer: Peer, name: string, earlier?: unknown): Promise<unknown> =>
	eventually(`a visit of ${name}`, () => {
		const visit = peer.visitOf(name);
		return visit !== earlier && visit;
	});

test("a visit is the same in welcome, joined and roster, whoever reads it, and for each its own", async () => {
	await using stage = await Stage.local();
	const peers: Peer[] = [];
	for (const name of ["ann", "bob", "carol"]) peers.push(await Peer.member(stage, name));
	const [ann, bob, carol] = peers as [Peer, Peer, Peer];
	await meet(ann, "carol");
	const visits = Object.fromEntries(visitsIn(await carol.waitFor("welcome")));
	expect(Object.keys(visits)).toEqual(["ann", "bob", "carol"]);
	expect(new Set(Object.values(visits)).size).toBe(3);
	for (const visit of Object.values(visits)) expect(visit).toMatch(/^[\w-]{4,22}$/);
	const joined = ann.messages.filter(({ type }) => type === "joined");
	expect(joined.map(({ name, visit }) => [name, visit])).toEqual([
		["bob", visits.bob],
		["carol", visits.carol],
	]);
	for (const peer of peers) {
		peer.send({ type: "who" });
		expect(Object.fromEntries(visitsIn(await peer.waitFor("roster")))).toEqual(visits);
	}
	// A member that comes back after a break is in the same visit.
	bob.cut();
	const back = await Peer.resume(stage, bob);
	back.send({ type: "who" });
	expect(Object.fromEntries(visitsIn(await back.waitFor("roster")))).toEqual(visits);
});

test("the roster marks the owners, whoever asks", async () => {
	const owners = ["--owner", "ann@gmail.com,eve@gmail.com"];
	await using stage = await Stage.local(...owners);
	const peers = [];
	for (const name of ["ann", "bob", "eve"]) peers.push(await Peer.member(stage, name));
	for (const peer of peers) {
		peer.send({ type: "who" });
		expect((await peer.waitFor("roster")).members).toEqual([
			expect.objectContaining({ name: "ann", owner: true }),
			expect.not.objectContaining({ owner: true }),
			expect.objectContaining({ name: "eve", owner: true }),
		]);
	}
});

test("every login begins a visit of its own, under the same name and account too", async () => {
	await using stage = await Stage.local();
	const ann = await Peer.member(stage, "ann");
	const visits: unknown[] = [];
	for (let i = 0; i < 20; i++) {
		const bob = await Peer.member(stage, "bob");
		visits.push(bob.visitOf("bob"));
		// The next login replaces every second one.
		if (i % 2 === 0) await leave(bob);
	}
	expect(new Set(visits).size).toBe(20);
	await meet(ann, "bob", visits.at(-2));
	const heard = ann.messages.flatMap(({ type, visit }) => (type === "joined" ? [visit] : []));
	expect(heard).toEqual(visits);
});

test("what is told to a visit that is over reaches nobody, least of all who has the name now", async () => {
	await using stage = await Stage.local();
	const ann = await Peer.member(stage, "ann");
	const first = await Peer.member(stage, "bob");
	const over = await meet(ann, "bob");
	await leave(first);
	const second = await Peer.member(stage, "bob");
	await meet(ann, "bob", over);
	const witness = await stage.member("witness");
	const tell = { type: "tell", id: "t1", to: "bob", text: "for the first bob alone" };
	ann.send({ ...tell, visit: over });
	const refused = await ann.waitFor("refused");
	expect(refused).toMatchObject({ code: "no_such_member", id: "t1" });
	expect(refused.text).toContain("bob");
	await settle(witness);
	await eventually("the mark", () => second.messages.some(({ from }) => from === "witness"));
	expect(second.messages.filter(({ type }) => type === "told")).toEqual([]);
	expect(ann.messages.filter(({ type }) => type === "told")).toEqual([]);
	expect(witness.out).not.toContain("alone");

	// The id is free, because nothing was told under it.
	ann.tell("bob", "t1", "for the second");
	expect(await second.waitFor("told")).toMatchObject({ id: "t1", text: "for the second" });
});

test("a name with the visit of another member is nobody", async () => {
	await using stage = await Stage.local();
	const ann = await Peer.member(stage, "ann");
	const [bob, carol] = [await Peer.member(stage, "bob"), await Peer.member(stage, "carol")];
	const visit = await meet(ann, "carol");
	ann.send({ type: "tell", id: "t1", to: "bob", visit, text: "whom do I mean?" });
	expect(await ann.waitFor("refused")).toMatchObject({ code: "no_such_member", id: "t1" });
	ann.tell("carol", "t2", "you");
	ann.tell("bob", "t3", "and you");
	for (const peer of [bob, carol]) await peer.waitFor("told");
	const told = [bob, carol].map(({ messages }) => messages.filter(({ type }) => type === "told"));
	expect(told).toMatchObject([[{ id: "t3" }], [{ id: "t2" }]]);
});
