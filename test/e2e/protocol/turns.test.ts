import { expect, test } from "bun:test";
import { eventually } from "../../support/eventually.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Peer } from "../../support/peer.ts";
import { Stage } from "../../support/programs.ts";
import { tap } from "../../support/tap.ts";

// What one side has to say in one turn of its event loop goes as one token.

const COUNT = 60;

test("lines that a bot is given at once leave its client in few tokens, and all are said", async () => {
	await using stage = await Stage.local();
	await using wire = await tap(stage.port);
	const bob = await Peer.member(stage, "bob");
	const ann = stage.bot("ann", PASSWORD, wire.port);
	await ann.waitFor({ type: "welcome" });
	const lines = () => wire.lines.filter(({ from }) => from === "client").length;
	const before = lines();
	const texts = Array.from({ length: COUNT }, (_, i) => `line ${i}`);
	ann.write(texts.map((text) => `{"type":"say","text":"${text}"}\n`).join(""));
	await ann.waitFor({ type: "said", text: texts.at(-1) });
	const heard = () => bob.messages.filter(({ type }) => type === "said").map(({ text }) => text);
	await eventually("all of them", () => heard().length >= COUNT);
	expect(heard()).toEqual(texts);
	expect(lines() - before).toBeLessThan(COUNT / 4);
	ann.endInput();
	expect(await ann.exit()).toBe(0);
});

test("private messages that come at once leave the server in few tokens, to both", async () => {
	await using stage = await Stage.local();
	const bob = await Peer.member(stage, "bob");
	const ann = await Peer.member(stage, "ann");
	await bob.waitFor("joined");
	const visit = bob.visitOf("ann");
	const lines = (peer: Peer) => peer.received.split("\n").length;
	const before = [lines(ann), lines(bob)];
	const told = (peer: Peer) => peer.messages.filter(({ type }) => type === "told");
	bob.send(
		...Array.from({ length: COUNT }, (_, i) => ({
			...{ type: "tell", id: `t${i}`, to: "ann", visit, text: `psst ${i}` },
		})),
	);
	for (const [i, peer] of [ann, bob].entries()) {
		await eventually("all of them", () => told(peer).length >= COUNT);
		expect(told(peer).map(({ id }) => id)).toEqual(
			Array.from({ length: COUNT }, (_, k) => `t${k}`),
		);
		expect(lines(peer) - (before[i] ?? 0)).toBeLessThan(COUNT / 4);
	}
});

test("what is told privately stands before what everybody hears later", async () => {
	await using stage = await Stage.local();
	const bob = await Peer.member(stage, "bob");
	const ann = await Peer.member(stage, "ann");
	await bob.waitFor("joined");
	const tell = { type: "tell", to: "ann", visit: bob.visitOf("ann") };
	const say = { type: "say" };
	bob.send(
		{ ...say, id: "1", text: "one" },
		{ ...tell, id: "2", text: "two" },
		{ ...say, id: "3", text: "three" },
		{ ...tell, id: "4", text: "four" },
		{ ...say, id: "5", text: "five" },
	);
	for (const peer of [ann, bob]) {
		const heard = () => peer.messages.filter(({ type }) => type === "said" || type === "told");
		await eventually("all five", () => heard().length === 5);
		expect(heard().map(({ text }) => text)).toEqual(["one", "two", "three", "four", "five"]);
	}
});
