import { expect, test } from "bun:test";
import fc from "fast-check";
import { EventLog } from "../../lib/server/log.ts";
import { TEXT_BYTES } from "../../lib/wire/messages.ts";
import { eventually } from "../support/eventually.ts";

const MANY = Number.MAX_SAFE_INTEGER;
let seq = 0;

/** Something an account says. */
function say(log: EventLog, account: string, id: string, text = "hello"): void {
	log.append({ type: "said", seq: ++seq, at: seq, from: account, id, text }, account);
}

function join(log: EventLog, account: string): void {
	log.append({ type: "joined", seq: ++seq, at: seq, name: account }, account);
}

const remembered = (log: EventLog, account: string, ids: string[]): string[] =>
	ids.filter((id) => log.hasSaid(account, id));

test("an id is known once it is said, and to its account alone", () => {
	const log = new EventLog(10, MANY);
	expect(log.hasSaid("ann@gmail.com", "1")).toBe(false);
	say(log, "ann@gmail.com", "1");
	expect(log.hasSaid("ann@gmail.com", "1")).toBe(true);
	expect(log.hasSaid("bob@gmail.com", "1")).toBe(false);
	expect(log.hasSaid("ann@gmail.com", "2")).toBe(false);
});

test("ids are forgotten with their events, oldest first", () => {
	const log = new EventLog(3, MANY);
	const ids = ["1", "2", "3", "4", "5"];
	for (const id of ids) say(log, "ann@gmail.com", id);
	expect(remembered(log, "ann@gmail.com", ids)).toEqual(["3", "4", "5"]);
});

test("who comes and goes counts as an event too", () => {
	const log = new EventLog(3, MANY);
	say(log, "ann@gmail.com", "1");
	join(log, "bob@gmail.com");
	join(log, "carol@gmail.com");
	expect(log.hasSaid("ann@gmail.com", "1")).toBe(true);
	join(log, "dan@gmail.com");
	expect(log.hasSaid("ann@gmail.com", "1")).toBe(false);
});

test("one account's id is forgotten without another's", () => {
	const log = new EventLog(2, MANY);
	say(log, "ann@gmail.com", "1");
	say(log, "bob@gmail.com", "1");
	join(log, "carol@gmail.com");
	expect(log.hasSaid("ann@gmail.com", "1")).toBe(false);
	expect(log.hasSaid("bob@gmail.com", "1")).toBe(true);
});

test("a forgotten id can be said and remembered again", () => {
	const log = new EventLog(1, MANY);
	say(log, "ann@gmail.com", "1");
	say(log, "ann@gmail.com", "2");
	say(log, "ann@gmail.com", "1");
	expect(remembered(log, "ann@gmail.com", ["1", "2"])).toEqual(["1"]);
});

test.each([
	["letters", "x".repeat(TEXT_BYTES), TEXT_BYTES],
	// Two bytes a character in memory, three on the wire.
	["others", "€".repeat(Math.floor(TEXT_BYTES / 3)), Math.floor(TEXT_BYTES / 3) * 2],
])("no more bytes are remembered than allowed: %s", (_, text, size) => {
	const bytes = 20 * TEXT_BYTES;
	const log = new EventLog(MANY, bytes);
	const ids = Array.from({ length: 100 }, (_, i) => String(i));
	for (const id of ids) say(log, "ann@gmail.com", id, text);
	const kept = remembered(log, "ann@gmail.com", ids);
	expect(kept.length * size).toBeLessThanOrEqual(bytes);
	expect(kept.length).toBeGreaterThan(5);
	expect(kept).toEqual(ids.slice(-kept.length));
});

test("events without a text are not free", () => {
	const log = new EventLog(MANY, 4096);
	say(log, "ann@gmail.com", "1", "");
	for (let i = 0; i < 4096; i++) join(log, "bob@gmail.com");
	expect(log.hasSaid("ann@gmail.com", "1")).toBe(false);
});

test("one event beyond the bound is not kept, and hurts nothing", () => {
	const log = new EventLog(10, 1000);
	say(log, "ann@gmail.com", "1", "x".repeat(TEXT_BYTES));
	expect(log.hasSaid("ann@gmail.com", "1")).toBe(false);
	say(log, "ann@gmail.com", "2");
	expect(log.hasSaid("ann@gmail.com", "2")).toBe(true);
});

test("dropped events are let go", async () => {
	const log = new EventLog(10, MANY);
	let dropped = 0;
	const registry = new FinalizationRegistry(() => dropped++);
	for (let i = 0; i < 2000; i++) {
		const event = { type: "joined" as const, seq: i, at: i, name: "ann" };
		registry.register(event, i);
		log.append(event, "ann@gmail.com");
	}
	await eventually("most of them let go", () => {
		Bun.gc(true);
		return dropped > 1500;
	});
	// Nobody may think that the log itself could have gone.
	expect(log.hasSaid("ann@gmail.com", "1")).toBe(false);
});

test("whatever happens, just the last so many are remembered", () => {
	const happening = fc.record({
		account: fc.constantFrom("ann@gmail.com", "bob@gmail.com"),
		id: fc.constantFrom("1", "2", "3", undefined),
	});
	fc.assert(
		fc.property(fc.integer({ min: 1, max: 5 }), fc.array(happening), (most, happenings) => {
			const log = new EventLog(most, MANY);
			const said: { account: string; id: string | undefined }[] = [];
			for (const { account, id } of happenings) {
				// The room never says an id twice.
				if (id !== undefined && log.hasSaid(account, id)) continue;
				if (id === undefined) join(log, account);
				else say(log, account, id);
				said.push({ account, id });
				for (const account of ["ann@gmail.com", "bob@gmail.com"]) {
					for (const id of ["1", "2", "3"]) {
						const last = said.slice(-most);
						const known = last.some((one) => one.account === account && one.id === id);
						expect(log.hasSaid(account, id)).toBe(known);
					}
				}
			}
		}),
	);
});
