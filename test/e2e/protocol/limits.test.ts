import { expect, test } from "bun:test";
import { eventually } from "../../support/eventually.ts";
import { Peer } from "../../support/peer.ts";
import { type Json, Stage, TRANSPORTS } from "../../support/programs.ts";

// How long a line may be, and how many messages a second.

const says = (mark: string, count: number, text: string): Json[] =>
	Array.from({ length: count }, (_, i) => ({ type: "say", id: `${mark}-${i}`, text }));

const hasHeard = (peer: Peer, id: string): boolean => peer.messages.some((each) => each.id === id);

test.each(TRANSPORTS)(
	"%s, a token fills a line up to the limit; a longer one ends the connection, and nothing of it is said",
	async (_, how) => {
		await using stage = await Stage.openWith(how, "--grace", "0");
		const ann = await Peer.member(stage, "ann");
		const bob = await Peer.member(stage, "bob");
		const texts = says("fits", 6, "x".repeat(8192));
		bob.send(...texts);
		await eventually("six texts", () => hasHeard(ann, "fits-5"));
		bob.send(...says("long", 7, "x".repeat(8192)));
		const text = "A line must not be longer than 73728 bytes.";
		expect(await bob.waitFor("closing")).toEqual({ type: "closing", code: "line_too_long", text });
		await bob.waitUntilClosed();
		await ann.waitFor("left");
		const heard = ann.messages.flatMap(({ type, id }) => (type === "said" ? [id] : []));
		expect(heard).toEqual(texts.map(({ id }) => id));
	},
);

test.each(TRANSPORTS)("%s, a limit may be raised for all", async (_, how) => {
	await using stage = await Stage.openWith(how, "--message-line", "200000");
	const ann = await Peer.member(stage, "ann");
	ann.send(...says("long", 15, "x".repeat(8192)));
	await eventually("fifteen texts", () => hasHeard(ann, "long-14"));
});

test("a rate counts messages and not tokens: 64 in one token are 64", async () => {
	await using stage = await Stage.local("--message-rate", "2", "--message-burst", "128");
	const [fast, slow] = [await Peer.member(stage, "fast"), await Peer.member(stage, "slow")];
	fast.send(...says("one", 64, "x"));
	fast.send(...says("two", 64, "x"));
	await eventually("both tokens", () => hasHeard(slow, "two-63"));
	// The last of these has to wait for five seconds.
	fast.send(...says("more", 9, "x"), { type: "say", id: "late", text: "x" });
	// As many tokens with one message in each are far from the limit.
	for (let i = 0; i < 20; i++) {
		slow.send({ type: "say", id: `slow-${i}`, text: "x" });
		await eventually("an echo", () => hasHeard(slow, `slow-${i}`));
	}
	expect(hasHeard(slow, "late")).toBe(false);
	// What has to wait is not lost, and costs its sender nothing else.
	await eventually("what waited", () => hasHeard(slow, "late"));
	expect(fast.closed).toBe(false);
});

test.each(TRANSPORTS)(
	"%s, of many tokens in one write as much is said as the burst allows, and the rest as it flows in",
	async (_, how) => {
		const [rate, burst, count] = [1250, 10, 2000];
		await using stage = await Stage.openWith(
			how,
			...["--message-rate", String(rate), "--message-burst", String(burst)],
		);
		const [fast, other] = [await Peer.member(stage, "fast"), await Peer.member(stage, "other")];
		// The server last looks at what flows in when it reads this.
		const began = Date.now();
		fast.send({ type: "ping", private: 0 });
		await fast.waitFor("pong");
		const messages = says("all", count, "x");
		fast.sendAtOnce([...messages, { type: "who" }]);
		await fast.waitFor("roster");
		await eventually("the last of them", () => hasHeard(other, `all-${count - 1}`));
		for (const peer of [fast, other]) {
			const said = peer.messages.filter(({ type }) => type === "said");
			expect(said.map(({ id }) => id)).toEqual(messages.map(({ id }) => id));
			// All that is said in one turn has the time of the first: a turn may take a while.
			const allowed = (at: unknown): number => burst + (rate * (Number(at) - began + 250)) / 1000;
			expect(said.filter(({ at }, i) => i + 1 > allowed(at))).toEqual([]);
			// Nor is it much less, although a burst flows in within 8 ms.
			expect(allowed(said.at(-1)?.at)).toBeLessThan(3 * messages.length);
		}
		// What stands behind them is answered behind them.
		expect(fast.messages.at(-1)).toMatchObject({ type: "roster" });
		expect(fast.closed).toBe(false);
	},
);
