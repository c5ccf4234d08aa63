import { afterAll, describe, expect, test } from "bun:test";
import { RedisClient } from "bun";
import { RedisLink } from "../../../../lib/server/redis-log/redis-link.ts";
import { Fernet, generateKey } from "../../../../lib/wire/crypto/fernet.ts";
import { eventually } from "../../../support/eventually.ts";
import { FaultProxy } from "../../../support/fault.ts";
import { RedisRooms } from "../room-log/all-logs.ts";
import { Place, Recorder, say } from "../room-log/logs.ts";

// However fast the talk, what a room takes of Redis' memory has a bound.

const rooms = await RedisRooms.start();
afterAll(() => rooms[Symbol.asyncDispose]());

const LOG = "fc:{room}:log";
const SNAPSHOT = "fc:{room}:snap";
/**
 * Times `--log-bytes`, or the snapshot if that is larger: twice, and two fifths for Redis itself. Once
 * more is what comes while a snapshot is written.
 */
const MOST = 2 * 1.4 + 1;

async function open(place: Place, kept: number, port?: number) {
	const log = await rooms.log(place, port);
	const room = new Recorder(kept);
	log.open(room);
	return { log, room };
}
type Server = Awaited<ReturnType<typeof open>>;

const isAt = ({ room }: Server, n: number): boolean => room.entries.at(-1)?.n === n;

test.each([
	["of 1000 characters", 1000, 100_000, 20],
	["of 20,000 characters", 20_000, 600_000, 10],
	["whose snapshot is larger than the limit", 5000, 50_000, 30],
])("two servers write entries fast, %s", async (_, characters, maxBytes, kept) => {
	using place = new Place();
	place.maxBytes = maxBytes;
	const redis = new RedisClient(`${rooms.redis.url}/${rooms.address(place).database}`);
	const ask = async (...[command = "", ...args]: string[]) => redis.send(command, args);
	const servers = [await open(place, kept), await open(place, kept)];
	const snapshots = new Set<unknown>();
	let [most, written, unit] = [0, 0, maxBytes];
	for (let n = 1; written < 2 * MOST * unit; n++) {
		for (const [i, { log }] of servers.entries())
			log.append(say(n, "x".repeat(characters), `s${i}`));
		for (const each of servers) await eventually(`${n}`, () => isAt(each, n));
		written += servers.length * characters;
		snapshots.add(await ask("GETRANGE", SNAPSHOT, "0", "24"));
		unit = Math.max(maxBytes, Number(await ask("STRLEN", SNAPSHOT)));
		most = Math.max(most, Number(await ask("MEMORY", "USAGE", LOG, "SAMPLES", "0")) / unit);
	}
	expect(most).toBeLessThan(MOST);
	// None for fewer records: sealed, they take less than twice as much. At first there was none.
	expect(snapshots.size - 1).toBeWithin(2, (1.8 * written) / unit);
	for (const { log } of servers) await log.close();
	redis.close();
});

describe("a server that lags behind", () => {
	test.each([2, 4, 8])(
		"by %d times the limit takes the snapshot, and goes on with nothing missed or doubled",
		async (times) => {
			using place = new Place();
			place.maxBytes = 30_000;
			await using proxy = await FaultProxy.open(rooms.redis.port);
			const [one, two] = [await open(place, 20), await open(place, 20, proxy.port)];
			one.log.append(say(1));
			for (const each of [one, two]) await eventually("1", () => isAt(each, 1));
			// Its connections stand, and tell it nothing.
			proxy.silence("down");
			const last = 1 + 30 * times;
			for (let n = 2; n <= last; n++) {
				one.log.append(say(n, "y".repeat(1000)));
				await eventually(`${n}`, () => isAt(one, n));
			}
			proxy.release();
			await eventually("all", () => isAt(two, last));
			one.log.append(say(last + 1));
			two.log.append(say(1, "still there", "b"));
			for (const each of [one, two]) {
				const sum = last + 2;
				await eventually(
					"both",
					() => each.room.entries.slice(-2).reduce((n, e) => n + e.n, 0) === sum,
				);
			}
			expect(two.room.state).toEqual(one.room.state);
			expect(two.room.restored).toBe(1);
			const heard = two.room.applied.map(([{ server, n }]) => `${server} ${n}`);
			expect(new Set(heard).size).toBe(heard.length);
			expect(place.warnings.join()).not.toContain("has ended");
			for (const { log } of [one, two]) await log.close();
		},
	);
});

test("a server gives back only its own turn to write a snapshot", async () => {
	using place = new Place();
	using link = await RedisLink.open(rooms.address(place), new Fernet(generateKey()));
	const { writer } = link;
	expect(await writer.becomeScribe("a")).toBe(true);
	expect(await writer.becomeScribe("b")).toBe(false);
	for (const other of ["b", "", "ab", "A"]) await writer.stopBeingScribe(other);
	expect(await writer.becomeScribe("b")).toBe(false);
	await writer.stopBeingScribe("a");
	expect(await writer.becomeScribe("b")).toBe(true);
});
