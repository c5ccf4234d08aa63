import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FuzzedServer, FuzzedTransport } from "./fuzzed-server.ts";

// What a member confirms by what it sends: that it has its newest resume token, and its private
// messages.

const folder = mkdtempSync(join(tmpdir(), "fernet-chat-resume-"));
afterAll(() => rmSync(folder, { recursive: true }));

const PING = { type: "ping", private: 0 };

/** A room that keeps places, with ann in it, and the resume token that she was given. */
async function room() {
	const server = new FuzzedServer(folder, { grace: 60 });
	const ann = await FuzzedTransport.member(server, "ann");
	return { server, ann, token: tokenOf(ann) };
}

const tokenOf = (transport: FuzzedTransport): unknown =>
	transport.tokens.flat().findLast(({ resume }) => resume !== undefined)?.resume;

/** A new connection that asks for its place with a token, long after the last one did. */
async function resume(server: FuzzedServer, token: unknown): Promise<FuzzedTransport> {
	server.now += 1000;
	return attempt(server, token);
}

async function attempt(server: FuzzedServer, token: unknown): Promise<FuzzedTransport> {
	const transport = FuzzedTransport.greeting(server);
	transport.say({ type: "resume", token, seq: 1, private: 0 });
	await server.settle();
	return transport;
}

test("a member that has only received the next token can still use the one before", async () => {
	const { server, ann, token } = await room();
	ann.hangUp();
	const first = await resume(server, token);
	const second = await resume(server, token);
	expect([first.answers, second.answers]).toEqual([["resumed", "closing replaced"], ["resumed"]]);
	// The room keeps no token that it could give again.
	expect(new Set([token, tokenOf(first), tokenOf(second)]).size).toBe(3);
	expect((await resume(server, tokenOf(first))).answers).toEqual(["resumed"]);
});

test("whatever a member sends first confirms its newest token, and the one before is dead", async () => {
	for (const message of [PING, { type: "sing" }, { type: "say", id: "1", text: "" }]) {
		const { server, ann, token } = await room();
		ann.hangUp();
		const back = await resume(server, token);
		back.say(message);
		expect((await resume(server, token)).answers).toEqual(["denied resume_expired"]);
		expect((await resume(server, tokenOf(back))).answers).toEqual(["resumed"]);
	}
});

test("a token of a wrong shape or count confirms nothing", async () => {
	const { server, ann, token } = await room();
	ann.hangUp();
	const wrong = [
		(back: FuzzedTransport) => back.seal({ messages: [] }),
		(back: FuzzedTransport) => back.seal({ n: 7, messages: [PING] }),
		(back: FuzzedTransport) => back.seal({ messages: Array(65).fill(PING) }),
		() => "no token",
	];
	for (const line of wrong) {
		const back = await resume(server, token);
		back.give(line(back));
		expect(back.ended).toBe(true);
	}
	expect((await resume(server, token)).answers).toEqual(["resumed"]);
});

test("the answer to the first ping of a member that is back comes after all that it has missed", async () => {
	const { server, ann, token } = await room();
	const bob = await FuzzedTransport.member(server, "bob");
	ann.hangUp();
	for (const id of ["1", "2", "3"]) bob.say({ type: "say", id, text: "x".repeat(8000) });
	await server.settle();
	const back = await resume(server, token);
	back.say(PING);
	await server.settle();
	expect(new Set(back.answers)).toEqual(new Set(["resumed", "replay", "pong"]));
	expect([back.answers.at(0), back.answers.at(-1)]).toEqual(["resumed", "pong"]);
});

test("a member confirms with a ping, and the author hears of the rest when it has left", async () => {
	const { server, ann } = await room();
	const bob = await FuzzedTransport.member(server, "bob");
	await server.settle();
	const visit = ann.visits.get("bob");
	const tell = (id: string) => ({ type: "tell", id, to: "bob", visit, text: "hello" });
	ann.say(tell("1"), tell("2"), tell("3"));
	await server.settle();
	bob.say({ type: "ping", private: 1 }, { type: "leave" });
	await server.settle();
	expect(ann.tokens.flat().filter(({ type }) => type === "unconfirmed")).toEqual([
		{ type: "unconfirmed", name: "bob", visit, count: 2 },
	]);
});

/** Lets time pass, and the server carry out what has waited for it. */
async function pass(server: FuzzedServer, milliseconds: number): Promise<void> {
	server.now += milliseconds;
	server.context.joins.drain(server.now);
	await server.settle();
}

test("a resume within 250 ms of another waits, and of several that wait the newest comes in", async () => {
	const { server, ann, token } = await room();
	ann.hangUp();
	const first = await resume(server, token);
	const waiting = [await attempt(server, token), await attempt(server, token)];
	const [older, newer] = waiting as [FuzzedTransport, FuzzedTransport];
	await pass(server, 249);
	expect([first, older, newer].map(({ ended }) => ended)).toEqual([false, true, false]);
	expect(newer.answers).toEqual([]);
	await pass(server, 1);
	expect([first, older, newer].map(({ answers }) => answers)).toEqual([
		["resumed", "closing replaced"],
		["closing replaced"],
		["resumed"],
	]);
	expect((await attempt(server, token)).answers).toEqual([]);
});

test("of several that wait one that has gone again keeps no other out", async () => {
	const { server, ann, token } = await room();
	ann.hangUp();
	await resume(server, token);
	const older = await attempt(server, token);
	const newer = await attempt(server, token);
	newer.hangUp();
	await pass(server, 250);
	expect(older.answers).toEqual(["resumed"]);
});

test.each([
	["two minutes back", -120_000],
	["an hour on", 3_600_000],
	["a day on", 86_400_000],
])(
	"either clock may be set %s meanwhile: a member comes back, but cannot log in",
	async (_, step) => {
		const { server, ann, token } = await room();
		server.wallAhead = step;
		ann.hangUp();
		expect((await resume(server, token)).answers).toEqual(["resumed"]);
		const other = FuzzedTransport.greeting(server);
		other.say({ type: "login", name: "bob", email: "bob@gmail.com", password: "any" });
		await server.settle();
		expect(other.answers).toEqual(["denied clock_skew"]);
	},
);
