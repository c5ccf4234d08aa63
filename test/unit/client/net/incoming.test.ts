import { describe, expect, test } from "bun:test";
import {
	type Incoming,
	IncomingReader,
	type Progress,
} from "../../../../lib/client/net/incoming.ts";
import { Channel } from "../../../../lib/wire/crypto/channel.ts";
import { Fernet, generateKey } from "../../../../lib/wire/crypto/fernet.ts";
import type { ClientMessage } from "../../../../lib/wire/messages/messages.ts";

// What a client makes of a server's lines, a newer server's too.

const SESSION = generateKey();
const ROOM = generateKey();
const at = 1_795_392_000_123;

/** A reader, and lines as a server may send them. */
class Server {
	readonly heard: Incoming[] = [];
	readonly #reader = new IncomingReader(new Channel<ClientMessage>(SESSION), (message) =>
		this.heard.push(message),
	);
	#n = 0;

	/** What the client says first, and asks later. */
	constructor(...asked: ClientMessage["type"][]) {
		for (const type of ["login", ...asked]) this.ask(type);
	}

	ask(type: string): void {
		this.#reader.expectAnswer({ type } as ClientMessage);
	}

	/** Messages in one token under the session key. */
	say(...messages: object[]): void {
		const json = JSON.stringify({ n: this.#n++, messages });
		this.#reader.read(`0 ${new Fernet(SESSION).encrypt(json)}`);
	}

	happen(seq: number, ...events: object[]): void {
		const json = JSON.stringify({ seq, at, events, weather: "fine" });
		this.#reader.read(`1 ${new Fernet(ROOM).encrypt(json)}`);
	}

	welcome(more: object = {}): void {
		const members = [["ann", "v1", "later"]];
		const place = { seq: 1, members, resume: "0".repeat(32), grace: 0 };
		this.say({ type: "welcome", name: "ann", epoch: 1, key: ROOM, ...place, ...more });
	}

	get progress() {
		return this.#reader.progress;
	}

	/** A new connection goes on where another one broke. */
	goOn(progress: Progress): void {
		this.#reader.progress = progress;
	}
}

const joined = { type: "joined", name: "bob", visit: "v2" };

test("unknown events count in the order, and are not passed on", () => {
	const server = new Server();
	server.welcome();
	server.happen(2, { type: "waved", name: "bob" }, { ...joined, mood: "good" }, { type: "x" });
	server.happen(5, { type: "left", name: "bob" });
	expect(server.heard.slice(1)).toEqual([
		{ ...joined, seq: 3, at } as Incoming,
		{ type: "left", name: "bob", seq: 5, at },
	]);
	expect(server.progress).toMatchObject({ seq: 5, private: 0 });
});

test("unknown events count in a replay, too", () => {
	const server = new Server();
	server.welcome();
	const told = { type: "told", id: "1", at, from: "bob", to: "ann", text: "psst" };
	server.say({
		type: "replay",
		events: [{ type: "waved", seq: 2, at }, told, { ...joined, seq: 3, at }],
	});
	expect(server.heard.slice(1).map(({ type }) => type)).toEqual(["told", "joined"]);
	expect(server.progress).toMatchObject({ seq: 3, private: 1 });
});

test("what happened before we joined is passed on as that, after a break too, and counts", () => {
	const server = new Server();
	server.welcome({ history: { events: 9, until: 4 } });
	const said = (seq: number) => ({ type: "said", seq, at, from: "bob", id: `${seq}`, text: "hi" });
	const told = { type: "told", id: "1", at, from: "bob", to: "ann", text: "psst" };
	server.say({ type: "replay", events: [said(2), { type: "waved", seq: 3, at }] });
	const { progress } = server;
	server.say({ type: "replay", events: [{ ...joined, seq: 4, at }, told, said(5)] });
	expect(server.heard.slice(1)).toEqual([
		{ type: "history", event: said(2) },
		{ type: "history", event: { ...joined, seq: 4, at } },
		...[told, said(5)],
	] as never);
	expect(server.progress).toEqual({ seq: 5, private: 1, historyUntil: 4 });

	const again = new Server("resume");
	again.goOn(progress);
	const lost = { events: 0, private: 0 };
	again.say({ type: "resumed", epoch: 1, key: ROOM, seq: 5, resume: "0".repeat(32), lost });
	again.say({ type: "replay", events: [said(4), said(5)] });
	expect(again.heard.slice(1)).toEqual([{ type: "history", event: said(4) }, said(5)] as never);
	again.happen(6, joined);
});

test("an event that is missing or comes twice ends the connection, known or not", () => {
	for (const seq of [1, 3]) {
		for (const event of [joined, { type: "waved" }]) {
			const server = new Server();
			server.welcome();
			expect(() => server.happen(seq, event)).toThrow(/out of order/);
		}
	}
});

test("a newer server's messages and fields are ignored, and its other messages are not", () => {
	const server = new Server("ping");
	server.welcome({ later: "x", news: [1, 2] });
	server.say({ type: "weather", text: "fine" }, { type: "pong", load: 3 }, { type: "toString" });
	expect(server.heard.slice(1)).toEqual([{ type: "pong" }]);
	expect(server.heard[0]).not.toHaveProperty("later");
});

describe("a message that only a client sends", () => {
	const own = ["login", "resume", "say", "tell", "ping", "leave", "kick", "request_code"];

	test.each(own)("ends the connection: %s", (type) => {
		const server = new Server();
		server.welcome();
		expect(() => server.say({ type })).toThrow(/other direction/);
	});

	test("ends it as a question about logging in, because the answer has fields", () => {
		expect(() => new Server().say({ type: "login_methods" })).toThrow(/methods must be/);
	});
});

test("a known message with an unusable field ends the connection", () => {
	const server = new Server();
	server.welcome();
	expect(() => server.say({ type: "told", id: "1", at, from: "bob", to: "ann" })).toThrow(/text/);
	expect(() => new Server().welcome({ members: ["ann"] })).toThrow(/members/);
});

const welcomeBack = { epoch: 2, key: generateKey(), seq: 90, resume: "0".repeat(32) };
const unasked: [type: string, question: string, fields: object][] = [
	["roster", "who", { members: [{ name: "eve", visit: "v9", since: 0 }] }],
	["banlist", "bans", { addresses: ["ann@gmail.com"] }],
	["pong", "ping", {}],
	["login_methods", "login_methods", { methods: [], verifier: "gmail.com", version: "1" }],
	["code_sent", "request_code", { ticket: "0".repeat(32) }],
	["resumed", "resume", { ...welcomeBack, lost: { events: 9, private: 9 } }],
	["welcome", "login", { ...welcomeBack, name: "eve", members: [], grace: 0 }],
	["denied", "login", { code: "banned", text: "Go away." }],
];

test.each(unasked)(
	"an answer that was not asked for changes nothing: %s",
	(type, question, fields) => {
		const server = new Server();
		server.welcome();
		server.say({ type, ...fields });
		expect(server.heard.map((message) => message.type)).toEqual(["welcome"]);
		// The key and the order are still those of the first welcome.
		server.happen(2, joined);
		expect(server.progress).toMatchObject({ seq: 2, private: 0 });
		// Each question has one answer.
		server.ask(question);
		server.say({ type, ...fields });
		server.say({ type, ...fields });
		expect(server.heard.slice(2).map((message) => message.type)).toEqual([type] as never);
	},
);
