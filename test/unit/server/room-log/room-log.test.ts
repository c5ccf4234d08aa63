import { afterAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Entry } from "../../../../lib/server/room-log/entry.ts";
import type { RoomLog } from "../../../../lib/server/room-log/room-log.ts";
import { eventually } from "../../../support/eventually.ts";
import { type CreateLog, LOCAL_LOGS, RedisRooms } from "./all-logs.ts";
import { Place, Recorder, say } from "./logs.ts";

// What every log promises. One that is not in this process gives entries back later.

const HOUR = 3_600_000;

const rooms = await RedisRooms.start();
afterAll(() => rooms[Symbol.asyncDispose]());
const LOGS: typeof LOCAL_LOGS = [...LOCAL_LOGS, ["Redis", (place) => rooms.log(place)]];

async function open(create: CreateLog, place: Place): Promise<{ log: RoomLog; room: Recorder }> {
	const log = await create(place);
	const room = new Recorder();
	log.open(room);
	return { log, room };
}

const whole = (room: Recorder, count: number) =>
	eventually(`${count} entries`, () => room.state.length >= count);

/** Runs a test in a place of its own, if the log outlives its server. */
const lasting = (create: CreateLog, run: (place: Place) => Promise<void>) => async () => {
	using place = new Place();
	const log = await create(place);
	await log.close();
	if (log.outlivesServer) await run(place);
	else expect(place.files).toEqual([]);
};

describe.each(LOGS)("the %s log", (_, create) => {
	test("gives entries back once, whole, and in the order in which they were added", async () => {
		using place = new Place();
		const { log, room } = await open(create, place);
		const texts = ["", "Grüße, 世界 🎉", '\u0000\u2028\ud800"\\', "x".repeat(200_000)];
		const entries: Entry[] = [
			...texts.map((text, i) => say(i + 1, text)),
			{ server: "b2", n: 1, changes: [] },
			{ server: "a1", n: 5, changes: [...say(0).changes, { kind: "dead", server: "c3" }] },
		];
		expect(entries.map((entry) => log.append(entry))).toEqual(entries.map(() => true));
		await whole(room, entries.length);
		expect(room.entries).toEqual(entries);
		expect(room.applied).toEqual(room.state);
		await log.remove();
	});

	test("applies nothing after its server has closed it, and takes nothing", async () => {
		using place = new Place();
		const { log, room } = await open(create, place);
		log.append(say(1));
		await whole(room, 1);
		await log.close();
		expect(log.append(say(2))).toBe(false);
		expect(room.entries).toEqual([say(1)]);
	});

	test("is gone when it is removed, and a new room begins", async () => {
		using place = new Place();
		const { log, room } = await open(create, place);
		for (let n = 1; n <= 30; n++) log.append(say(n));
		await whole(room, 30);
		await log.remove();
		expect(await rooms.left(place)).toEqual([]);
		expect(log.append(say(31))).toBe(false);
		const next = await open(create, place);
		next.log.append(say(1, "new"));
		await whole(next.room, 1);
		expect(next.room.entries).toEqual([say(1, "new")]);
		await next.log.remove();
		expect(place.warnings).toEqual([]);
	});

	test(
		"brings every server to the same state, whenever servers follow each other",
		lasting(create, async () => {
			const act = fc.oneof(
				{
					weight: 8,
					arbitrary: fc.record({ text: fc.string({ maxLength: 400 }), pass: fc.nat(900) }),
				},
				{ weight: 1, arbitrary: fc.constant(null) },
			);
			const property = async (
				acts: ({ text: string; pass: number } | null)[],
				maxBytes: number,
			) => {
				using place = new Place();
				place.maxBytes = maxBytes;
				let server: { log: RoomLog; room: Recorder } = await open(create, place);
				let n = 0;
				for (const each of acts) {
					if (each === null) {
						await server.log.close();
						const next = await open(create, place);
						await whole(next.room, n);
						expect(next.room.state).toEqual(server.room.state);
						server = next;
					} else {
						place.clocks.pass(each.pass);
						server.log.append(say(++n, each.text));
						await whole(server.room, n);
					}
				}
				expect(server.room.state.length).toBe(n);
				await server.log.remove();
			};
			const sizes = fc.constantFrom(1, 1000, 1_000_000);
			await fc.assert(fc.asyncProperty(fc.array(act, { maxLength: 40 }), sizes, property), {
				numRuns: 25,
			});
		}),
	);
});

describe.each(LOCAL_LOGS)("the time of the %s log", (_, create) => {
	test("stamps never go back, and durations are not those of a clock that is set", async () => {
		using place = new Place();
		const { log, room } = await open(create, place);
		const steps = [0, HOUR, -2 * HOUR, 1, -1, 24 * HOUR, -24 * HOUR];
		for (const [i, step] of steps.entries()) {
			place.clocks.wall += step;
			place.clocks.pass(10.5);
			log.append(say(i + 1));
		}
		await whole(room, steps.length);
		const [at, time] = [room.stamps.map(({ at }) => at), room.stamps.map(({ time }) => time)];
		expect(at).toEqual(at.toSorted((a, b) => a - b));
		expect(time).toEqual(time.toSorted((a, b) => a - b));
		expect([...at, ...time].every(Number.isInteger)).toBe(true);
		expect((time.at(-1) ?? 0) - (time[0] ?? 0)).toBe(10.5 * (steps.length - 1));
		await log.remove();
	});

	test(
		"gives the next server what this one had, in time that stood still between them",
		lasting(create, async (place) => {
			const first = await open(create, place);
			place.clocks.pass(1000);
			for (let n = 1; n <= 30; n++) first.log.append(say(n));
			await whole(first.room, 30);
			await first.log.close();
			// The machine was started again, with its clock an hour behind.
			place.clocks.monotonic = 5;
			place.clocks.wall -= HOUR;
			const next = await open(create, place);
			await whole(next.room, 30);
			expect(next.room.state).toEqual(first.room.state);
			place.clocks.pass(500);
			next.log.append(say(31));
			await whole(next.room, 31);
			const [last, now] = next.room.stamps.slice(-2);
			expect(now).toEqual({ at: (last?.at ?? 0) + 250, time: (last?.time ?? 0) + 500 });
			await next.log.remove();
		}),
	);
});
