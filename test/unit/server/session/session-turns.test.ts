import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "../../../support/eventually.ts";
import { FuzzedServer, FuzzedTransport } from "./fuzzed-server.ts";

// When a session sends, and how much of it goes together.

const folder = mkdtempSync(join(tmpdir(), "fernet-chat-turns-"));
afterAll(() => rmSync(folder, { recursive: true }));

const PING = { type: "ping", private: 0 };
const login = (name: string) => ({
	type: "login",
	...{ name, email: `${name}@gmail.com`, password: "x" },
});

async function member(): Promise<{ server: FuzzedServer; ann: FuzzedTransport }> {
	const server = new FuzzedServer(folder);
	const ann = await FuzzedTransport.member(server, "ann");
	ann.lines.length = 0;
	return { server, ann };
}

describe("what a session has to say", () => {
	test("goes at the end of the turn, as one token", async () => {
		const { server, ann } = await member();
		ann.say(PING, { type: "sing" });
		ann.say(PING);
		expect(ann.lines).toEqual([]);
		await server.settle();
		expect(ann.lines).toEqual(["alone: pong,refused,pong"]);
		// The next turn has its own.
		ann.say(PING);
		await server.settle();
		expect(ann.lines.slice(1)).toEqual(["alone: pong"]);
		await server.settle();
		expect(ann.lines).toHaveLength(2);
	});

	test("goes before the next line to all, and the rest at the end of the turn", async () => {
		const { server, ann } = await member();
		const visit = ann.visits.get("ann");
		ann.say(
			PING,
			{ type: "say", id: "1", text: "hello" },
			// A private message comes after all that was said before it.
			{ type: "tell", id: "2", to: "ann", visit, text: "a note" },
			PING,
		);
		await server.settle();
		expect(ann.lines).toEqual(["alone: pong,pong", "all: said", "alone: told"]);
	});

	test("goes as more than one token if one cannot hold it", async () => {
		const { server, ann } = await member();
		ann.say(...Array(64).fill(PING));
		ann.say(...Array(10).fill(PING));
		await server.settle();
		expect(ann.tokens.slice(-2).map(({ length }) => length)).toEqual([64, 10]);
	});

	test("goes together with the last word, and nothing follows it", async () => {
		const { server, ann } = await member();
		ann.say(PING, login("ann"));
		expect(ann.lines).toEqual(["alone: pong,closing"]);
		await server.settle();
		expect(ann.lines).toHaveLength(1);
	});

	test("is not sent to a connection that has gone", async () => {
		const { server, ann } = await member();
		ann.say(PING);
		ann.hangUp();
		await server.settle();
		expect([ann.lines, server.warnings]).toEqual([[], []]);
	});
});

describe("a first token", () => {
	/** A connection whose key the server finds only after it was sent these tokens. */
	async function early(...tokens: object[][]): Promise<FuzzedTransport> {
		const server = new FuzzedServer(folder);
		const transport = new FuzzedTransport(server);
		transport.give(`FERNET-CHAT/1 ${transport.id}`);
		for (const messages of tokens) transport.say(...messages);
		transport.saveKey();
		await eventually("an answer", async () => {
			await server.settle();
			return transport.answers.length > 0;
		});
		return transport;
	}

	test("may come before the server has found its key", async () => {
		expect((await early([login("ann")])).answers).toEqual(["welcome"]);
	});

	test.each([
		["another message", [login("ann"), PING]],
		["a message that nobody knows", [login("ann"), { type: "sing" }]],
		["a second login", [login("ann"), login("ann")]],
	])("logs nobody in if it holds %s", async (_, messages) => {
		const transport = await early(messages);
		expect([transport.answers, transport.ended]).toEqual([["closing bad_message"], true]);
		expect(transport.server.context.room.size).toBe(0);
		const server = new FuzzedServer(folder);
		const late = FuzzedTransport.greeting(server);
		late.say(...messages);
		await server.settle();
		expect([late.answers, late.ended, server.context.room.size]).toEqual([
			...[["closing bad_message"], true, 0],
		]);
	});

	test("is followed by nothing until it is answered", async () => {
		const transport = await early([login("ann")], [PING]);
		expect([transport.answers, transport.ended]).toEqual([["clear too_early"], true]);
		const server = new FuzzedServer(folder);
		const late = FuzzedTransport.greeting(server);
		late.say(login("ann"));
		late.say(PING);
		await server.settle();
		expect([late.answers, late.ended, server.context.room.size]).toEqual([
			...[["closing too_early"], true, 0],
		]);
	});

	test.each([
		["closing login_first", { type: "sing" }],
		["closing login_first", PING],
		["closing bad_type", { type: "welcome" }],
		["denied bad_field", { ...login("ann"), name: "no name" }],
		["login_methods", { type: "login_methods" }],
	])(
		"is answered with %s and the end of the connection, if it asks for that",
		async (answer, message) => {
			const server = new FuzzedServer(folder);
			const transport = FuzzedTransport.greeting(server);
			transport.say(message);
			await server.settle();
			expect([transport.answers, transport.ended]).toEqual([[answer], true]);
		},
	);
});

test("a connection that asks how it can log in is told whose passwords are asked for", async () => {
	const server = new FuzzedServer(folder);
	const transport = FuzzedTransport.greeting(server);
	transport.say({ type: "login_methods" });
	const version = expect.stringMatching(/^\d+\.\d+\.\d+/);
	expect(transport.tokens as unknown[]).toEqual([
		[
			{
				type: "login_methods",
				methods: ["password", "token", "code"],
				verifier: "gmail.com",
				version,
			},
		],
	]);
});
