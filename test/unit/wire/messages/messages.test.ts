import { describe, expect, test } from "bun:test";
import { readBatch } from "../../../../lib/wire/messages/batch.ts";
import { readClientMessage, readServerMessage } from "../../../../lib/wire/messages/messages.ts";
import { BadField } from "../../../../lib/wire/messages/schema.ts";
import { isOptional, valuesOf } from "./message-fields.ts";
import {
	CLIENT,
	DEVICE,
	fault,
	KEY,
	readRoomEvent,
	STAMP,
	TOKEN,
	TOLD,
	VISIT,
	WAYS,
} from "./message-samples.ts";

describe.each(WAYS)("$way", ({ read, messages }) => {
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

describe("a member's request", () => {
	const first = new Set(["login", "login_methods", "request_code", "resume"]);
	const requests = CLIENT.filter(({ type }) => !first.has(type));

	test.each(requests)("$type may have an id, and keeps it when it is refused", (request) => {
		expect(readClientMessage({ ...request, id: "other-1" })).toMatchObject({ id: "other-1" });
		const error = fault(() => readClientMessage({ ...request, id: "not an id" }));
		expect(error).toMatchObject({ code: "bad_field", id: "not an id" });
	});

	test("says and tells must have one, the rest need none", () => {
		for (const { id, ...request } of requests) {
			const needsId = request.type === "say" || request.type === "tell";
			if (needsId) expect(fault(() => readClientMessage(request))).toBeInstanceOf(BadField);
			else expect(readClientMessage(request)).toEqual(request as never);
		}
	});

	test("to ban a member has its visit, to ban an address has none", () => {
		const address = { type: "ban", who: "bob@gmail.com", reason: "noise" };
		expect(readClientMessage(address)).toEqual(address as never);
		const member = { type: "ban", id: "a1", who: "bob", visit: VISIT };
		expect(readClientMessage(member)).toEqual(member as never);
		const { visit, ...unsure } = member;
		const error = fault(() => readClientMessage(unsure));
		expect(error).toBeInstanceOf(BadField);
		expect(error).toMatchObject({ code: "bad_field", id: "a1" });
		expect(error.message).toContain("visit");
	});

	test("to unmute names somebody who has left without a visit", () => {
		for (const who of ["bob", "bob@gmail.com"]) {
			expect(readClientMessage({ type: "unmute", who })).toEqual({ type: "unmute", who });
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
	const roster = { type: "roster", members: [{ name: "ann", visit: VISIT, since: 1 }] };
	expect(readServerMessage(roster)).toEqual(roster as never);
});

test("a login has one proof, and neither none nor two", () => {
	const who = { type: "login", name: "ann", email: "ann@gmail.com" };
	const password = "abcdefghijklmnop";
	const [token, ticket, code] = ["ya29", TOKEN, "012345"];
	const device = DEVICE;
	for (const proof of [{ password }, { token }, { device }, { ticket, code }]) {
		expect(readClientMessage({ ...who, ...proof })).toEqual({ ...who, ...proof } as never);
	}
	const wrong = [
		...[{}, { ticket }, { code }, { password, token }, { password, ticket, code }],
		...[
			{ token, ticket, code },
			{ password, ticket },
			{ token, code },
			{ device, password },
			{ device, ticket },
		],
	];
	for (const proofs of wrong) {
		const error = fault(() => readClientMessage({ ...who, ...proofs }));
		expect(error).toBeInstanceOf(BadField);
		expect(error.message).toMatch(
			/^login: password must be given, or token, or device, or ticket with code/,
		);
	}
});

test("fields that are not declared are dropped inside of fields too", () => {
	const member = { name: "ann", visit: VISIT };
	const next = { epoch: 2, key: KEY };
	const lost = { events: 1, private: 2 };
	const place = { epoch: 1, key: KEY, seq: 9, resume: TOKEN };
	const welcome = { type: "welcome", ...place, name: "ann", grace: 1 };
	const read = [
		readServerMessage({ ...welcome, members: [["ann", VISIT, "later"]] }),
		readServerMessage({ type: "roster", members: [{ ...member, since: 1, later: 2 }] }),
		readServerMessage({ type: "resumed", ...place, lost: { ...lost, later: 2 } }),
		readServerMessage({ type: "replay", events: [{ ...TOLD, later: 2, seq: 3 }] }),
		readBatch({ ...STAMP, events: [], next: { ...next, later: 2 } }),
	];
	expect(read as unknown[]).toEqual([
		{ ...welcome, members: [["ann", VISIT]] },
		{ type: "roster", members: [{ ...member, since: 1 }] },
		{ type: "resumed", ...place, lost },
		{ type: "replay", events: [TOLD] },
		{ events: [], next },
	]);
});
