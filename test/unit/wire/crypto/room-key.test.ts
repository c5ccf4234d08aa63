import { describe, expect, test } from "bun:test";
import { RoomKey } from "../../../../lib/wire/crypto/room-key.ts";
import type { RoomEvent } from "../../../../lib/wire/messages/events.ts";
import { readServerLine } from "../../../../lib/wire/transport/server-line.ts";
import { breach, CLOSING, KEY, token } from "./channel-samples.ts";

describe("a room key", () => {
	const EVENTS = JSON.stringify([{ type: "left", name: "ann" }] satisfies RoomEvent[]);
	const sealed = (key: RoomKey): Buffer => key.seal({ seq: 7, at: 1 }, EVENTS, 1);
	const tokenOf = (line: Buffer): string => readServerLine(line.toString().trimEnd())?.token ?? "";

	test("seals one line that every holder of the key opens", () => {
		const room = new RoomKey(12, KEY);
		const line = sealed(room).toString("latin1");
		expect(line).toMatch(/^12 gAAAA[\w-]+={0,2}\n$/);
		expect(new RoomKey(12, KEY).open(tokenOf(sealed(room)))).toEqual({
			events: [{ type: "left", seq: 7, at: 1, name: "ann" }],
		});
	});

	test("gives the next one along, where there are readers who know only that", () => {
		const room = new RoomKey(12, KEY);
		const { epoch, key } = room.next();
		const line = room.seal({ seq: 7, at: 1, next: { epoch, key } }, EVENTS, 1);
		expect(room.open(tokenOf(line))).toEqual({
			events: [{ type: "left", seq: 7, at: 1, name: "ann" }],
			next: { epoch, key },
		});
	});

	test("is followed by one that has nothing to do with it", () => {
		const room = new RoomKey(12, KEY);
		const next = room.next();
		expect(next.epoch).toBe(13);
		expect(next.key).not.toBe(room.key);
		expect(breach(() => room.open(tokenOf(sealed(next)))).code).toBe("bad_token");
		expect(breach(() => next.open(tokenOf(sealed(room)))).code).toBe("bad_token");
	});

	test("opens no batch of another shape", () => {
		const stamp = { seq: 1, at: 2 };
		const shapes = [{ events: [] }, { ...stamp, events: {} }, { ...stamp, events: [{}] }];
		for (const value of [null, [], {}, ...shapes, { n: 0, ...CLOSING }]) {
			expect(breach(() => new RoomKey(1, KEY).open(token(value))).code).toBe("bad_message");
		}
	});
});
