import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { FuzzedServer, FuzzedTransport } from "./fuzzed-server.ts";

// Tokens of several messages, as a session takes them.

const folder = mkdtempSync(join(tmpdir(), "fernet-chat-tokens-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Two members; what ann was told before is forgotten. */
async function pair(): Promise<{
	server: FuzzedServer;
	ann: FuzzedTransport;
	bob: FuzzedTransport;
}> {
	const server = new FuzzedServer(folder);
	const ann = await FuzzedTransport.member(server, "ann");
	const bob = await FuzzedTransport.member(server, "bob");
	ann.answers.length = 0;
	return { server, ann, bob };
}

const say = (text: string) => ({ type: "say", id: text, text });
const says = (count: number) => Array.from({ length: count }, (_, i) => say(`text-${i}`));
const textsOf = (messages: { text: string }[]): string[] => messages.map(({ text }) => text);

/** A message that is refused, and with which code and id. */
const refusable = fc
	.constantFrom(
		[{ type: "say", id: "wrong", text: "" }, "bad_field wrong"],
		[{ type: "say", id: "not an id", text: "x" }, "bad_field undefined"],
		[{ type: "say", text: "x" }, "bad_field undefined"],
		[{ type: "ping", id: "wrong" }, "bad_field wrong"],
		[{ type: "ban", id: "wrong", who: "bob" }, "bad_field wrong"],
		[{ type: "sing", id: "wrong" }, "unknown_type wrong"],
		[{ type: "toString", id: 7 }, "unknown_type undefined"],
		[{ type: "tell", id: "wrong", to: "bob", visit: "x", text: "x" }, "no_such_member wrong"],
		[{ type: "bans", id: "wrong" }, "not_owner wrong"],
		[{ type: "kick", id: "wrong", name: "bob", visit: "x" }, "not_owner wrong"],
	)
	.map(([message, refusal]) => ({ message: message as object, refusal: String(refusal) }));
/** What ends the connection wherever in a token it comes, and with which code. */
const breach = fc.constantFrom(
	...[
		[{ type: "login", name: "ann", email: "ann@gmail.com", password: "x" }, "already_logged_in"],
		[{ type: "resume", token: "0".repeat(32), seq: 0, private: 0 }, "already_logged_in"],
		[{ type: "login_methods" }, "already_logged_in"],
		[{ type: "request_code", email: "ann@gmail.com" }, "already_logged_in"],
		[{ type: "welcome" }, "bad_type"],
		[{ type: "pong" }, "bad_type"],
	].map(([message, code]) => ({ message: message as object, code: String(code) })),
);
const among = fc.tuple(fc.integer({ min: 0, max: 63 }), fc.nat());

describe("of the messages in a token", () => {
	test("each is done, in their order, however many there are", async () => {
		for (const count of [1, 2, 63, 64]) {
			const { server, ann, bob } = await pair();
			ann.say(...says(count));
			await server.settle();
			for (const member of [ann, bob]) expect(member.texts).toEqual(textsOf(says(count)));
			expect([ann.answers, ann.ended]).toEqual([[], false]);
		}
	});

	test("one that is refused is named by its id, and all the others are done", async () => {
		await fc.assert(
			fc.asyncProperty(among, refusable, async ([count, at], { message, refusal }) => {
				const { server, ann, bob } = await pair();
				const right = says(count);
				ann.say(...right.toSpliced(at % (count + 1), 0, message as (typeof right)[0]));
				ann.say(say("afterwards"));
				await server.settle();
				for (const member of [ann, bob]) {
					expect(member.texts).toEqual([...textsOf(right), "afterwards"]);
				}
				const told = ann.tokens.flat().filter(({ type }) => type === "refused");
				expect(told.map(({ code, id }) => `${code} ${id}`)).toEqual([refusal]);
				expect([ann.answers.length, ann.ended]).toEqual([1, false]);
			}),
		);
	});

	test("several that are refused are named in their order, between the answers to the others", async () => {
		const { server, ann } = await pair();
		ann.say(
			{ type: "ping", private: 0 },
			{ type: "sing", id: "1" },
			say("right"),
			{ type: "ping", id: "2", private: -1 },
			{ type: "ping", private: 0 },
		);
		await server.settle();
		expect(ann.answers).toEqual(["pong", "refused unknown_type", "refused bad_field", "pong"]);
		expect(ann.tokens.flat().flatMap(({ id }) => id ?? [])).toEqual(["1", "2"]);
		expect(ann.texts).toEqual(["right"]);
	});

	test("those before a breach are done, and none after it", async () => {
		await fc.assert(
			fc.asyncProperty(among, breach, async ([count, position], { message, code }) => {
				const { server, ann, bob } = await pair();
				const at = position % (count + 1);
				const right = says(count);
				ann.say(...right.toSpliced(at, 0, message as (typeof right)[0]));
				ann.say(say("afterwards"));
				await server.settle();
				expect(bob.texts).toEqual(textsOf(right.slice(0, at)));
				expect([ann.answers, ann.ended]).toEqual([[`closing ${code}`], true]);
			}),
		);
	});

	test("nothing is said once the member has left", async () => {
		const { server, ann, bob } = await pair();
		const visit = ann.visits.get("bob");
		ann.say(
			say("before"),
			{ type: "leave" },
			// It comes after all that happened so far, and that ends the turn.
			{ type: "tell", id: "late-1", to: "bob", visit, text: "late" },
			say("late-2"),
			{ type: "ping", private: 0 },
		);
		await server.settle();
		expect(bob.texts).toEqual(["before"]);
		expect([ann.answers, ann.ended]).toEqual([["pong", "closing left"], true]);
		expect(bob.lines.slice(-3)).toEqual(["all: said", "alone: rekey", "all: left"]);
	});

	test("those before a goodbye are heard by all, and the goodbye is answered last", async () => {
		await fc.assert(
			fc.asyncProperty(fc.nat(63), fc.nat(), async (count, position) => {
				const { server, ann, bob } = await pair();
				const at = position % (count + 1);
				const right = says(count);
				ann.say(...right.toSpliced(at, 0, { type: "leave" } as never));
				await server.settle();
				const before = textsOf(right.slice(0, at));
				for (const member of [ann, bob]) expect(member.texts.slice(0, at)).toEqual(before);
				expect([ann.answers, ann.ended]).toEqual([["closing left"], true]);
				const heard = bob.texts.length;
				bob.say(say("alone"));
				await server.settle();
				expect(bob.texts.slice(heard)).toEqual(["alone"]);
			}),
		);
	});
});

test.each([
	["no messages", { messages: [] }],
	["65 messages", { messages: says(65) }],
	["no list", { messages: say("x") }],
	["nothing", {}],
	["a message beside its count", say("x")],
	...[null, "say", 7, ["say"], {}, { text: "x" }, { type: 7 }].map(
		(one) => [`${JSON.stringify(one)} between messages`, { messages: [say("1"), one] }] as const,
	),
])("of a token with %s nothing is done", async (_, contents) => {
	const { server, ann, bob } = await pair();
	ann.say(say("before"));
	ann.give(ann.seal(contents));
	ann.say(say("after"));
	await server.settle();
	expect(bob.texts).toEqual(["before"]);
	expect([ann.answers, ann.ended]).toEqual([["closing bad_message"], true]);
});

test("of a token as many messages are carried out as the rate allows, and the rest in time", async () => {
	const server = new FuzzedServer(folder, { messageRate: 4, messageBurst: 10 });
	const ann = await FuzzedTransport.member(server, "ann");
	const bob = await FuzzedTransport.member(server, "bob");
	const texts = says(64).map(({ text }) => text);
	const heardAfter = async (time: number): Promise<unknown[]> => {
		server.now += time;
		ann.carryOut();
		await server.settle();
		return bob.texts;
	};
	ann.say(...says(64));
	expect(await heardAfter(0)).toEqual(texts.slice(0, 10));
	expect(await heardAfter(249)).toEqual(texts.slice(0, 10));
	expect(await heardAfter(1)).toEqual(texts.slice(0, 11));
	expect(await heardAfter(1250)).toEqual(texts.slice(0, 16));
	// No more than a burst at once, however long nobody looked.
	expect(await heardAfter(60_000)).toEqual(texts.slice(0, 26));
	expect(ann.ended).toBe(false);
});
