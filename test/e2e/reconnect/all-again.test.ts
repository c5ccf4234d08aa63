import { expect, test } from "bun:test";
import { eventually } from "../../support/eventually.ts";
import { Peer } from "../../support/peer.ts";
import { type Json, Stage } from "../../support/programs.ts";

// A member may have 1,024 lines on their way. If it has read no echo of them when its connection
// breaks, and the history can bring none back, it says all of them again.

const FLAGS = [
	...["--log-events", "1"],
	...["--message-rate", "1000000", "--message-burst", "1000000"],
];
const IN_FLIGHT = 1024;
const ids = Array.from({ length: IN_FLIGHT }, (_, i) => `line-${i}`);

/** Every third line is private. */
const lines = (visit: unknown): Json[] =>
	ids.map((id, i) =>
		i % 3 === 1
			? { type: "tell", id, to: "bob", visit, text: `told ${i}` }
			: { type: "say", id, text: `said ${i}` },
	);

const heardBy = (peer: Peer): unknown[] =>
	peer.messages.flatMap(({ type, id }) => (type === "said" || type === "told" ? [id] : []));

const waitUntilHeard = (peer: Peer, count: number): Promise<unknown> =>
	eventually(`${count} lines`, () => heardBy(peer).length >= count);

test.each([1, 300, IN_FLIGHT])(
	"%i of 1,024 lines were heard when the connection broke: in the end each was heard once, in order",
	async (heard) => {
		await using stage = await Stage.local(...FLAGS);
		const bob = await Peer.member(stage, "bob");
		const ann = await Peer.member(stage, "ann");
		const messages = lines(ann.visitOf("bob"));
		ann.stall();
		ann.sendAtOnce(messages);
		await waitUntilHeard(bob, heard);
		ann.cut();
		expect(heardBy(ann)).toEqual([]);
		const back = await Peer.resume(stage, ann);
		back.sendAtOnce([...messages, { type: "say", id: "end", text: "the end" }]);
		await eventually(
			"the end",
			() => heardBy(back).includes("end") && heardBy(bob).includes("end"),
		);
		expect(heardBy(bob)).toEqual([...ids, "end"]);
		// Each has its echo now, or an answer that is as good.
		const refused = back.messages.filter(({ type }) => type === "refused");
		expect(refused.filter(({ code }) => code !== "already_said")).toEqual([]);
		const answered = new Set([...heardBy(back), ...refused.map(({ id }) => id)]);
		expect(answered).toEqual(new Set([...ids, "end"]));
		expect(refused.length).toBeGreaterThanOrEqual(heard);
	},
);
