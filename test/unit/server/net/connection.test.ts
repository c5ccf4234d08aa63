import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { noise } from "../../../support/noise.ts";
import { FuzzedServer, FuzzedTransport } from "../session/fuzzed-server.ts";
import { NarrowClient } from "./narrow-client.ts";

const folder = mkdtempSync(join(tmpdir(), "fernet-chat-connection-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("what has to wait is read before what comes later, whenever the clock ticks", async () => {
	const server = new FuzzedServer(folder, { messageRate: 1000, messageBurst: 1 });
	// Between any two looks at the clock there is a millisecond.
	let step = 0;
	Object.assign(server.context, {
		now: () => {
			server.now += step;
			return server.now;
		},
	});
	const ann = await NarrowClient.member(server, "ann");
	await ann.pass(1000);
	step = 1;
	const pings = () => ann.token(...Array(3).fill({ type: "ping", private: 0 }));
	ann.connection.receive(Buffer.from(pings() + pings() + pings()));
	ann.connection.receive(Buffer.from(pings()));
	for (let i = 0; i < 10; i++) await ann.pass(1000);
	const types = ann.told.map(({ type }) => type);
	expect(types).toEqual(["welcome", ...Array(12).fill("pong")]);
});

/** Bob says as much as the room keeps for members who come back, and more. */
async function talk(server: FuzzedServer, bob: FuzzedTransport): Promise<void> {
	for (let i = 0; i < 150; i++) {
		bob.say({ type: "say", id: crypto.randomUUID(), text: noise(8192) });
		await server.settle();
	}
}

/** Ann comes back, and takes nothing of what she has missed. */
async function comeBack(server: FuzzedServer, bob: FuzzedTransport): Promise<NarrowClient> {
	const gone = await NarrowClient.member(server, "ann");
	const { resume: token, seq } = Object(gone.told[0]);
	gone.connection.onEnd();
	await server.settle();
	await talk(server, bob);
	const ann = new NarrowClient(server);
	await ann.take(0);
	ann.send({ type: "resume", token, seq, private: 0 });
	await server.settle();
	await ann.take(0);
	return ann;
}

const slow: [how: string, make: typeof comeBack][] = [
	[
		"does not take what is said",
		async (server, bob) => {
			const ann = await NarrowClient.member(server, "ann");
			await ann.take(0);
			await talk(server, bob);
			return ann;
		},
	],
	[
		"comes back, and has not taken what the room no longer keeps",
		async (server, bob) => {
			const ann = await comeBack(server, bob);
			await talk(server, bob);
			// The server learns of it when she has read on for a while.
			for (let i = 0; i < 20 && !ann.connection.isClosing; i++) await ann.take(20_000);
			return ann;
		},
	],
	[
		"comes back, and asks and asks",
		async (server, bob) => {
			const ann = await comeBack(server, bob);
			for (let i = 0; i < 1001; i++) ann.send({ type: "ping", private: 0 });
			await server.settle();
			return ann;
		},
	],
];
test.each(slow)("who %s has all of the idle time to read too_slow", async (_, make) => {
	const server = new FuzzedServer(folder, { grace: 60, queueBytes: 1024 * 1024, idleTime: 30 });
	const bob = await FuzzedTransport.member(server, "talker");
	const ann = await make(server, bob);
	expect(ann.connection.isClosing).toBe(true);
	await ann.pass(29_000);
	expect([ann.isCut, ann.told.some(({ type }) => type === "closing")]).toEqual([false, false]);
	await ann.take(Number.POSITIVE_INFINITY);
	expect(ann.told.at(-1)).toMatchObject({ type: "closing", code: "too_slow" });
	await ann.pass(1000);
	expect(ann.isCut).toBe(true);
});
