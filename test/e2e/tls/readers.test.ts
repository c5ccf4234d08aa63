import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { eventually } from "../../support/eventually.ts";
import { noise } from "../../support/noise.ts";
import type { Peer } from "../../support/peer.ts";
import { TlsStage } from "./tls-stage.ts";

// Members over TLS who read more slowly than the room talks, or talk faster than they may.

const FAST = ["--message-rate", "1000000", "--message-burst", "1000000"];
/** Answers that another member gets while the server reads nothing from the paused one. */
const QUIET = 10;
const MIB = 1024 * 1024;

const said = (peer: Peer): number => peer.messages.filter(({ type }) => type === "said").length;

/** Says a text as long as one may be, which does not compress. */
const say = (peer: Peer): void =>
	peer.send({ type: "say", id: crypto.randomUUID(), text: noise(8192) });

const pongs = (peer: Peer): number => peer.messages.filter(({ type }) => type === "pong").length;

/** Sends a ping, and waits for the pong. */
async function waitUntilAnswered(peer: Peer): Promise<void> {
	const before = pongs(peer);
	peer.send({ type: "ping", private: 0 });
	await eventually("pong", () => pongs(peer) > before);
}

describe("a member that does not read", () => {
	let tls: TlsStage;
	beforeAll(async () => {
		tls = await TlsStage.open("--queue-bytes", String(MIB), ...FAST);
	});
	afterAll(() => tls[Symbol.asyncDispose]());

	/** Says `count` texts of the greatest length, and waits for their echoes. */
	async function talk(peer: Peer, count: number): Promise<void> {
		const before = said(peer);
		for (let i = 0; i < count; i++) say(peer);
		await eventually("echoes", () => said(peer) === before + count);
	}

	test("for a while misses nothing", async () => {
		const loud = await tls.peer("loud");
		const sleeper = await tls.peer("sleeper");
		sleeper.stall();
		await talk(loud, 60);
		sleeper.wake();
		await eventually("all of it", () => said(sleeper) === 60);
		for (const peer of [sleeper, loud]) peer.cut();
	});

	test("for too long is told too_slow", async () => {
		const loud = await tls.peer("loud2");
		const sleeper = await tls.peer("sleeper2");
		sleeper.stall();
		let count = 0;
		while ((await tls.stage.keyFiles()).includes(`${sleeper.id}.key`)) {
			await talk(loud, 50);
			count += 50;
		}
		sleeper.wake();
		expect(await sleeper.waitFor("closing")).toMatchObject({ code: "too_slow" });
		await sleeper.waitUntilClosed();
		expect(said(sleeper)).toBeLessThan(count);
		expect(said(loud)).toBe(count);
	});
});

test("a member that talks and does not read is not heard until it reads, and then loses nothing", async () => {
	await using tls = await TlsStage.open(...FAST);
	const bob = await tls.peer("bob");
	const ann = await tls.peer("ann");
	ann.stall();
	// More than the buffers of both directions can hold.
	const COUNT = 1500;
	for (let i = 0; i < COUNT; i++) say(ann);
	await eventually("hers", () => said(bob) > 0);
	// While the server still reads from ann, her texts reach bob before its answers to him.
	for (let heard = 0, quiet = 0; quiet < QUIET; quiet++) {
		await waitUntilAnswered(bob);
		if (said(bob) > heard) quiet = 0;
		heard = said(bob);
	}
	expect(said(bob)).toBeLessThan(COUNT);
	ann.wake();
	for (const peer of [ann, bob]) await eventually("all of it", () => said(peer) === COUNT);
});

test("a member that talks too fast is held back over TLS as in clear, and loses nothing", async () => {
	await using tls = await TlsStage.open("--message-rate", "200", "--message-burst", "20");
	const ann = await tls.peer("ann");
	const long = Array.from({ length: 200 }, (_, i) => `${i} ${noise(4000)}`);
	for (const [i, text] of long.entries()) ann.send({ type: "say", id: `i${i}`, text });
	const said = () => ann.messages.filter(({ type }) => type === "said").map(({ text }) => text);
	await eventually("all of it", () => said().length === long.length);
	expect(said()).toEqual(long);
});
