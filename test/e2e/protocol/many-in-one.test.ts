import { describe, expect, test } from "bun:test";
import { eventually } from "../../support/eventually.ts";
import { Peer } from "../../support/peer.ts";
import type { Json } from "../../support/programs.ts";
import { openWithBystander } from "./bystander.ts";

// Sixty-four messages in one token, of which one is wrong.

const { stage, bystander } = await openWithBystander("--grace", "0");

let runs = 0;
/** Says with ids and texts that no other test has used, and a mark to tell them by. */
function says(count: number): { mark: string; messages: Json[] } {
	const mark = `run${++runs}-`;
	const ids = Array.from({ length: count }, (_, i) => `${mark}${i}`);
	return { mark, messages: ids.map((id) => ({ type: "say", id, text: `text ${id}` })) };
}

const idsOf = (messages: Json[], mark: string): unknown[] =>
	messages.flatMap(({ type, id }) => (type === "said" && String(id).startsWith(mark) ? [id] : []));

/** Says one thing more, and waits until the peer and the bystander have heard it. */
async function sayMore(peer: Peer, id: string): Promise<void> {
	peer.send({ type: "say", id, text: "one thing more" });
	await eventually(id, () => peer.messages.some((message) => message.id === id));
	await bystander.waitFor({ type: "said", id });
}

async function leave(peer: Peer): Promise<void> {
	peer.send({ type: "leave" });
	await peer.waitUntilClosed();
}

test("all sixty-four are right: all are said, in order", async () => {
	const peer = await Peer.member(stage, "mallory");
	const { mark, messages } = says(64);
	const keys = peer.received.split("\n").length;
	peer.send(...messages);
	await sayMore(peer, `more-${mark}`);
	for (const heard of [peer.messages, bystander.lines]) {
		expect(idsOf(heard, mark)).toEqual(messages.map(({ id }) => id));
	}
	// What comes at one moment is one batch, so few lines hold all of it.
	expect(peer.received.split("\n").length - keys).toBeLessThan(10);
	await leave(peer);
});

/** Wrong requests that cost only themselves; `id` is to be given back. */
const refusable: [what: string, code: string, request: (id: string) => Json][] = [
	["an empty text", "bad_field", (id) => ({ type: "say", id, text: "" })],
	["a text that is a number", "bad_field", (id) => ({ type: "say", id, text: 5 })],
	[
		"a tell without a visit",
		"bad_field",
		(id) => ({ type: "tell", id, to: "bystander", text: "x" }),
	],
	["a ping that confirms nothing", "bad_field", (id) => ({ type: "ping", id })],
	["an unknown type", "unknown_type", (id) => ({ type: "shout", id, text: "hello" })],
	["a type that every object has", "unknown_type", (id) => ({ type: "constructor", id })],
	["what only an owner may", "not_owner", (id) => ({ type: "close", id })],
];

describe("of sixty-four messages one is", () => {
	test.each(refusable)(
		"%s: it is refused with its id, and the others are said",
		async (_, code, request) => {
			const peer = await Peer.member(stage, "mallory");
			for (const place of [0, 31, 63]) {
				const { mark, messages } = says(64);
				const wrong = request(String(messages[place]?.id));
				peer.send(...messages.with(place, wrong));
				// The count goes on, and so does the connection.
				await sayMore(peer, `more-${mark}`);
				const right = messages.toSpliced(place, 1).map(({ id }) => id);
				for (const heard of [peer.messages, bystander.lines]) {
					expect(idsOf(heard, mark)).toEqual(right);
				}
				const refused = peer.messages.filter(
					({ type, id }) => type === "refused" && id === wrong.id,
				);
				expect(refused).toMatchObject([{ code }]);
			}
			expect(peer.messages.filter(({ type }) => type === "refused")).toHaveLength(3);
			await leave(peer);
		},
	);
});

async function expectClosed(peer: Peer, code: string): Promise<void> {
	expect(await peer.waitFor("closing")).toMatchObject({ code });
	await peer.waitUntilClosed();
	expect(peer.messages.at(-1)).toMatchObject({ type: "closing" });
	const visit = peer.visitOf("mallory");
	const { seq } = await bystander.waitFor({ type: "joined", visit });
	await eventually("the others told", () =>
		bystander.lines.some(
			({ type, ...event }) => type === "left" && Number(event.seq) > Number(seq),
		),
	);
}

const shapeless: [what: string, messages: (good: Json[]) => unknown][] = [
	["a text", (good) => good.with(31, "who" as never)],
	["a number", (good) => good.with(63, 5 as never)],
	["null", (good) => good.with(0, null as never)],
	["a list", (good) => good.with(31, [{ type: "who" }] as never)],
	["without a type", (good) => good.with(63, { id: "a", text: "b" } as never)],
	["of a type that is no text", (good) => good.with(63, { type: 5 } as never)],
	["one of sixty-five", (good) => [...good, { type: "who" }]],
	["none of them, because there are none", () => []],
	["in an object and no list", (good) => ({ ...good })],
];

describe("a token ends the connection, and nothing in it is done, if a message is", () => {
	test.each(shapeless)("%s", async (_, spoil) => {
		const peer = await Peer.member(stage, "mallory");
		const { mark, messages } = says(64);
		peer.line(peer.fernet.encrypt(JSON.stringify({ n: peer.n, messages: spoil(messages) })));
		await expectClosed(peer, "bad_message");
		expect(peer.messages.map(({ type }) => type)).toEqual(["welcome", "closing"]);
		expect(idsOf(bystander.lines, mark)).toEqual([]);
	});
});

for (const type of ["rekey", "pong", "closing", "told", "replay"]) {
	test(`a ${type}, which only a server sends, ends the connection, and nothing after it is done`, async () => {
		const peer = await Peer.member(stage, "mallory");
		const { mark, messages } = says(64);
		peer.send(...messages.with(31, { type, id: "reflected", code: "left", text: "x" }));
		await expectClosed(peer, "bad_type");
		expect(peer.messages.some(({ id }) => id === "reflected")).toBe(false);
		expect(idsOf(bystander.lines, mark)).toEqual(messages.slice(0, 31).map(({ id }) => id));
	});
}
