import { afterAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { padded } from "../../../../lib/server/redis-log/redis-stream.ts";
import { Fernet } from "../../../../lib/wire/crypto/fernet.ts";
import { eventually } from "../../../support/eventually.ts";
import { FaultProxy } from "../../../support/fault.ts";
import { RedisRooms } from "../room-log/all-logs.ts";
import { Place, Recorder, say } from "../room-log/logs.ts";

// What a room takes of Redis and of a server's memory has a bound.

const rooms = await RedisRooms.start();
afterAll(() => rooms[Symbol.asyncDispose]());

const LOG = "fc:{room}:log";
const SNAPSHOT = "fc:{room}:snap";
/** Seconds for which records stay after a snapshot. */
const KEPT = 15;

async function open(place: Place, { port, kept }: { port?: number; kept?: number } = {}) {
	const log = await rooms.log(place, port);
	const room = new Recorder(kept);
	log.open(room);
	return { log, room };
}

/** Adds records in one step, under ids that we choose. */
const ADD =
	"for i = 1, #ARGV, 2 do redis.call('XADD', KEYS[1], ARGV[i], 'e', ARGV[i + 1]) end return #ARGV";

test("records that a snapshot replaces are dropped after 15 seconds by their ids", async () => {
	using place = new Place();
	place.maxBytes = 5000;
	// Its snapshot is smaller than what comes between two.
	const { log, room } = await open(place, { kept: 20 });
	const cli = (...command: string[]) => rooms.cli(place, ...command);
	const fernet = new Fernet(readFileSync(join(place.folder, "redis-key"), "utf8"));
	const [, , first = ""] = (await cli("XRANGE", LOG, "-", "+")).split("\n");
	const head = JSON.parse(fernet.decrypt(first).toString());
	// Another server has said something every second in the last minutes.
	const COUNT = 60;
	const begun = Math.floor(Date.now() / 1000) - 10 * COUNT;
	const memory: number[] = [];
	for (let last = COUNT; last <= 3 * COUNT; last += COUNT) {
		const records = Array.from({ length: COUNT }, (_, i) => {
			const n = last - COUNT + 1 + i;
			const token = fernet.encrypt(
				JSON.stringify({ ...head, entries: [say(n, "x".repeat(1000), "b")] }),
			);
			return [`${begun + n}000-0`, token];
		});
		await cli("EVAL", ADD, "1", LOG, ...records.flat());
		const newest = padded(`${begun + last}000-0`);
		await eventually(`${last}`, () => room.entries.at(-1)?.n === last);
		await eventually("a snapshot", async () => {
			return (await cli("GETRANGE", SNAPSHOT, "0", "24")) === newest;
		});
		await eventually("few records", async () => Number(await cli("XLEN", LOG)) <= KEPT + 1);
		expect(await cli("XLEN", LOG)).toBe(String(KEPT + 1));
		memory.push(Number(await cli("MEMORY", "USAGE", LOG)));
	}
	const [before = 0, , after = 0] = memory;
	expect(after).toBeLessThan(1.2 * before);
	await log.close();
	const next = await open(place);
	expect(next.room.entries.map(({ n }) => n)).toEqual(room.entries.map(({ n }) => n));
	await next.log.close();
});

test.each([20_000, 300_000])(
	"a server without Redis takes 4 MiB of entries of %d characters and refuses the rest, and writes all that it took",
	async (characters) => {
		using place = new Place();
		place.maxBytes = 50_000_000;
		await using proxy = await FaultProxy.open(rooms.redis.port);
		const { log, room } = await open(place, { port: proxy.port });
		log.append(say(1));
		await eventually("1", () => room.state.length >= 1);
		proxy.refuses = true;
		proxy.cut();
		let taken = 1;
		// Twice as many as it may take.
		while (taken < (8 * 1024 * 1024) / characters) {
			if (!log.append(say(taken + 1, "y".repeat(characters)))) break;
			taken++;
		}
		expect(taken * characters).toBeGreaterThan(3.9 * 1024 * 1024);
		expect(taken * characters).toBeLessThan(4.1 * 1024 * 1024 + 2 * characters);
		expect(log.append(say(taken + 1))).toBe(false);
		proxy.refuses = false;
		await eventually("all", () => room.entries.at(-1)?.n === taken);
		expect(log.append(say(taken + 1))).toBe(true);
		await eventually("more", () => room.entries.at(-1)?.n === taken + 1);
		// The first may be there twice: the cut may have come before Redis' answer.
		const numbers = room.entries.map(({ n }) => n);
		expect(numbers.filter((n, index) => n !== numbers[index - 1])).toEqual(
			Array.from({ length: taken + 1 }, (_, index) => index + 1),
		);
		await log.close();
	},
);
