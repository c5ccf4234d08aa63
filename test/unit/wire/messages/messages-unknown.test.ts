import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { ProtocolError } from "../../../../lib/wire/errors/reason.ts";
import { readBatch } from "../../../../lib/wire/messages/batch.ts";
import { readClientMessage, readServerMessage } from "../../../../lib/wire/messages/messages.ts";
import { BadField, UnknownType } from "../../../../lib/wire/messages/schema.ts";
import { anyCharacter } from "../../../support/any-character.ts";
import {
	CLIENT,
	EVENTS,
	fault,
	ROOM_EVENTS,
	readRoomEvent,
	SERVER,
	STAMP,
	TOLD,
	WAYS,
} from "./message-samples.ts";

// What a later version may say, what only the other side may, and whatever else comes.

const RUNS = Number(process.env.TEST_RUNS ?? 100);
/** A question and its answer have this one type. */
const SHARED = "login_methods";
const STRANGE = ["", "dance", "Who", "who ", "constructor", "__proto__", "toString", "unknown"];

describe.each([
	{ way: "a server", read: readClientMessage, own: CLIENT, reflected: SERVER },
	{ way: "a client", read: readServerMessage, own: SERVER, reflected: CLIENT },
])("to $way", ({ read, own, reflected }) => {
	const types = (messages: { type: string }[]) => new Set(messages.map(({ type }) => type));

	test("only one type is sent in both directions", () => {
		expect([...types(own)].filter((type) => types(reflected).has(type))).toEqual([SHARED]);
	});

	test("a type that it sends itself is a breach, whatever is in it", () => {
		for (const message of reflected.filter(({ type }) => type !== SHARED)) {
			for (const each of [message, { type: message.type }, { ...message, id: 1 }]) {
				const error = fault(() => read(each));
				expect(error.code).toBe("bad_type");
				expect(error).not.toBeInstanceOf(UnknownType);
				expect(error).not.toBeInstanceOf(BadField);
			}
		}
	});

	test("a type that neither has is unknown, and no breach", () => {
		const others = ROOM_EVENTS.filter(({ type }) => !types(own).has(type));
		for (const message of [...others, ...STRANGE.map((type) => ({ type }))]) {
			const error = fault(() => read({ ...message, id: "a1" }));
			expect(error).toBeInstanceOf(UnknownType);
			expect(error).toMatchObject({ code: "unknown_type", id: "a1" });
		}
	});

	test("no message at all is neither", () => {
		for (const value of [null, undefined, 0, "who", [], [{ type: "who" }], {}, { type: 1 }]) {
			const error = fault(() => read(value));
			expect(error.code).toBe("bad_message");
			expect(error).not.toBeInstanceOf(UnknownType);
		}
	});
});

describe("an event of a later version", () => {
	const later = { type: "waved", from: "ann", at: 0, hands: [2] };

	test("is counted in a batch, and says nothing", () => {
		const [said, joined] = ROOM_EVENTS;
		const batch = { seq: 41, at: 2, events: [said, later, joined, later] };
		const { events } = readBatch(batch);
		expect(events as unknown[]).toEqual([
			{ ...EVENTS[0], seq: 41 },
			{ type: "unknown", seq: 42 },
			{ ...EVENTS[1], seq: 43 },
			{ type: "unknown", seq: 44 },
		]);
	});

	test("is in a batch whatever type no event has: also a message's, or a private one's", () => {
		const foreign = [...CLIENT, ...SERVER, ...STRANGE.map((type) => ({ type }))];
		for (const event of foreign) {
			const { events } = readBatch({ ...STAMP, events: [{ seq: 99, ...event }, ROOM_EVENTS[2]] });
			expect(events as unknown[]).toEqual([
				{ type: "unknown", seq: 1 },
				{ ...EVENTS[2], seq: 2 },
			]);
		}
	});

	test("is counted in a replay, with the number that it has there", () => {
		const events = [EVENTS[0], { ...later, seq: 2 }, TOLD, { ...EVENTS[2], seq: 3 }];
		expect(readServerMessage({ type: "replay", events }) as unknown).toEqual({
			type: "replay",
			events: [EVENTS[0], { type: "unknown", seq: 2 }, TOLD, { ...EVENTS[2], seq: 3 }],
		});
	});

	test("is in a replay whatever type no item has, if it has a number", () => {
		for (const type of [...STRANGE, "pong", "tell", "replay"]) {
			const read = (seq: unknown) => readServerMessage({ type: "replay", events: [{ type, seq }] });
			for (const seq of [0, 2 ** 53 - 1]) {
				expect(read(seq)).toEqual({ type: "replay", events: [{ type: "unknown", seq }] });
			}
			for (const seq of [undefined, null, -1, 0.5, "1", 2 ** 53]) {
				const error = fault(() => read(seq));
				expect(error).toBeInstanceOf(BadField);
				expect(error.message).toStartWith("replay: events must be ");
			}
		}
	});

	test("excuses no bad field of an event that we know", () => {
		for (const event of [
			{ ...ROOM_EVENTS[0], id: "" },
			{ type: "joined", name: "ann" },
		]) {
			expect(fault(() => readRoomEvent(event))).toBeInstanceOf(BadField);
		}
	});
});

describe("whatever JSON comes", () => {
	const known = WAYS.flatMap(({ messages }) => messages);
	const good = known.flatMap((message) => Object.values(message));
	const fieldNames = [...new Set(known.flatMap((message) => Object.keys(message)))];
	const value = fc.oneof(
		fc.jsonValue(),
		fc.constantFrom(...good),
		fc.string({ unit: anyCharacter }),
	);
	// Mostly known types and field names, since anything else fails at the first check.
	const close = fc
		.tuple(
			fc.dictionary(fc.constantFrom(...fieldNames, "__proto__", "length"), value),
			fc.constantFrom(...known),
		)
		.map(([fields, message]) => ({ ...message, ...fields, type: message.type }));

	test.each(WAYS)("$way: it is read, or refused as a breach of the wire", ({ read }) => {
		const holds = (json: unknown): void => {
			let message: unknown;
			try {
				message = read(json);
			} catch (error) {
				return void expect(error).toBeInstanceOf(ProtocolError);
			}
			expect(read(JSON.parse(JSON.stringify(message)))).toEqual(message as never);
		};
		fc.assert(fc.property(fc.oneof(fc.jsonValue(), value, close), holds), { numRuns: RUNS * 5 });
	});
});
