import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { readBatch, readClientMessage, readServerMessage } from "../../../lib/wire/messages.ts";
import { ProtocolError } from "../../../lib/wire/reason.ts";
import { BadField } from "../../../lib/wire/schema.ts";
import { isOptional, valuesOf } from "./message-fields.ts";
import { fault, KEY, readRoomEvent, STAMP, TOKEN, TOLD, WAYS } from "./message-samples.ts";

const RUNS = Number(process.env.FERNET_CHAT_RUNS ?? 100);

describe.each(WAYS)("$way", ({ read, messages }) => {
	const others = WAYS.flatMap((way) => way.messages).filter(
		(message) => !messages.includes(message),
	);
	const fields = messages.flatMap((message) =>
		Object.keys(message)
			.filter((field) => field !== "type")
			.map((field) => ({ of: message.type, field, message })),
	);

	test("a good message comes through as it is, without what is not declared", () => {
		for (const message of messages) {
			expect(read(message)).toEqual(message as never);
			const extended = { n: 0, ...message, later: { version: 2 }, password2: "secret" };
			expect(Object.keys(read(extended) as object).sort()).toEqual(Object.keys(message).sort());
		}
	});

	test("the types of other ways do not come through", () => {
		const none = ["", "Who", "who ", "constructor", "__proto__", "toString"].map((type) => ({
			type,
		}));
		for (const message of [...others, ...none]) {
			const error = fault(() => read(message));
			expect(error).toMatchObject({ code: "bad_type" });
			expect(error).not.toBeInstanceOf(BadField);
		}
	});

	test.each(fields)("$of: $field", ({ of, field, message }) => {
		const { good, bad } = valuesOf(of, field);
		for (const value of good) {
			expect(read({ ...message, [field]: value })).toEqual({ ...message, [field]: value } as never);
		}
		for (const value of bad) {
			if (value === undefined && isOptional(of, field)) continue;
			const error = fault(() => read({ ...message, [field]: value }));
			expect({ value, isBadField: error instanceof BadField }).toEqual({ value, isBadField: true });
			expect(error.message).toStartWith(`${of}: ${field} must be `);
			if (typeof value === "string" && value.length > 3) expect(error.message).not.toContain(value);
		}
	});
});

test("an optional field may be left out", () => {
	const refused = { type: "refused", code: "too_fast", text: "not so fast" };
	expect(readServerMessage(refused)).toEqual(refused as never);
	const say = { type: "say", id: "a1", text: "hello" };
	expect(readClientMessage(say)).toEqual(say as never);
	const said = { type: "said", from: "ann", id: "a1", text: "hello" };
	expect(readRoomEvent(said)).toEqual(said);
	const roster = { type: "roster", members: [{ name: "ann", since: 1 }] };
	expect(readServerMessage(roster)).toEqual(roster as never);
});

test("a login has one proof, and neither none nor two", () => {
	const who = { type: "login", name: "ann", email: "ann@gmail.com" };
	const password = "abcdefghijklmnop";
	const [token, ticket, code] = ["ya29", TOKEN, "012345"];
	for (const proof of [{ password }, { token }, { ticket, code }]) {
		expect(readClientMessage({ ...who, ...proof })).toEqual({ ...who, ...proof } as never);
	}
	const wrong = [
		...[{}, { ticket }, { code }, { password, token }, { password, ticket, code }],
		...[
			{ token, ticket, code },
			{ password, ticket },
			{ token, code },
		],
	];
	for (const proofs of wrong) {
		const error = fault(() => readClientMessage({ ...who, ...proofs }));
		expect(error).toBeInstanceOf(BadField);
		expect(error.message).toMatch(/^login: password must be given, or token, or ticket with code/);
	}
});

test("fields that are not declared are dropped inside of fields too", () => {
	const member = { name: "ann", since: 1 };
	const next = { epoch: 2, key: KEY };
	const lost = { events: 1, told: 2 };
	const resumed = { type: "resumed", epoch: 1, key: KEY, seq: 9, resume: TOKEN };
	const read = [
		readServerMessage({ type: "roster", members: [{ ...member, later: 2 }] }),
		readServerMessage({ ...resumed, lost: { ...lost, later: 2 } }),
		readServerMessage({ type: "missed", events: [{ ...TOLD, later: 2, seq: 3 }] }),
		readBatch({ ...STAMP, events: [], next: { ...next, later: 2 } }),
	];
	expect(read as unknown[]).toEqual([
		{ type: "roster", members: [member] },
		{ ...resumed, lost },
		{ type: "missed", events: [TOLD] },
		{ events: [], next },
	]);
});

describe("whatever JSON comes", () => {
	const known = WAYS.flatMap(({ messages }) => messages);
	const good = known.flatMap((message) => Object.values(message));
	const fieldNames = [...new Set(known.flatMap((message) => Object.keys(message)))];
	const value = fc.oneof(fc.jsonValue(), fc.constantFrom(...good), fc.string({ unit: "binary" }));
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
