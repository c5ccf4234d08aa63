import { describe, expect, test } from "bun:test";
import { readBatch } from "../../../../lib/wire/messages/batch.ts";
import { NOT_WHOLE } from "./message-fields.ts";
import { EVENTS, fault, KEY, ROOM_EVENTS, STAMP } from "./message-samples.ts";

describe("a batch", () => {
	const next = { epoch: 2, key: KEY };

	test("comes through in order, with the key that follows it and nothing else", () => {
		const batch = { ...STAMP, events: ROOM_EVENTS, next, later: 1 };
		expect(readBatch(batch)).toEqual({ events: EVENTS, next } as never);
		expect(Object.keys(readBatch({ ...STAMP, events: [] }))).toEqual(["events"]);
	});

	test("numbers its events on from its own number, and all have its time", () => {
		const events = ROOM_EVENTS.slice(0, 3);
		const last = Number.MAX_SAFE_INTEGER;
		for (const [seq, at] of [
			[0, 0] as const,
			[41, 1795392000123] as const,
			[last - 3, last] as const,
		]) {
			const numbered = readBatch({ seq, at, events }).events;
			expect(numbered.map((event) => event.seq)).toEqual([seq, seq + 1, seq + 2]);
			expect(numbered.map((event) => "at" in event && event.at)).toEqual([at, at, at]);
		}
	});

	test("puts number and time where a bot's line has them", () => {
		expect(JSON.stringify(readBatch({ events: ROOM_EVENTS.slice(0, 2), ...STAMP }).events)).toBe(
			'[{"type":"said","seq":1,"at":2,"from":"ann","id":"a1","text":"hello","me":true},' +
				'{"type":"joined","seq":2,"at":2,"name":"ann","visit":"q3_Zr0-Aa91"}]',
		);
	});

	test("does not ask its events for numbers and times of their own", () => {
		const own = ROOM_EVENTS.map((event) => ({ ...event, seq: 99, at: "then" }));
		expect(readBatch({ ...STAMP, events: own })).toEqual({ events: EVENTS } as never);
	});

	test.each(["seq", "at"])("is refused whole: %s that is not whole", (field) => {
		for (const value of NOT_WHOLE) {
			const batch = { ...STAMP, events: ROOM_EVENTS, [field]: value };
			expect({ value, ...fault(() => readBatch(batch)) }).toMatchObject({ code: "bad_message" });
		}
	});

	test("is refused whole: more events than there are numbers", () => {
		for (const seq of [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER - 4]) {
			const error = fault(() => readBatch({ seq, at: 2, events: ROOM_EVENTS }));
			expect(error.code).toBe("bad_message");
		}
	});

	test.each([
		{ what: "nothing", value: null },
		{ what: "a list", value: ROOM_EVENTS },
		{ what: "a message", value: EVENTS[0] },
		{ what: "no events", value: { ...STAMP, next } },
		{
			what: "events that are no list",
			value: { ...STAMP, events: { 0: ROOM_EVENTS[0], length: 1 } },
		},
		{ what: "an event that is none", value: { ...STAMP, events: [...ROOM_EVENTS, null] } },
		{ what: "an event without a type", value: { ...STAMP, events: [...ROOM_EVENTS, { seq: 1 }] } },
		{ what: "an event with no text for a type", value: { ...STAMP, events: [{ type: 1 }] } },
		{ what: "numbers and times in its events alone", value: { events: EVENTS } },
		{
			what: "a bad event among good ones",
			value: { ...STAMP, events: [{ ...ROOM_EVENTS[0], id: "" }, ...ROOM_EVENTS] },
		},
		...[
			{ what: "a next that is nothing", next: null },
			{ what: "a next without a key", next: { epoch: 2 } },
			{ what: "a next with a bad key", next: { epoch: 2, key: "secret" } },
			{ what: "a next with a bad epoch", next: { ...next, epoch: "2" } },
		].map(({ what, next }) => ({ what, value: { ...STAMP, events: ROOM_EVENTS, next } })),
	])("is refused whole: $what", ({ value }) => {
		const error = fault(() => readBatch(value));
		expect(error.code).toMatch(/^bad_(message|field)$/);
		expect(error.message).not.toContain("secret");
	});
});
