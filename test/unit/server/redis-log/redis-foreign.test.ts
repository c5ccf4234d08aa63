import { afterAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PageSize } from "../../../../lib/server/redis-log/page-size.ts";
import { RedisLink } from "../../../../lib/server/redis-log/redis-link.ts";
import { loadRoom } from "../../../../lib/server/redis-log/redis-loading.ts";
import { Fernet, generateKey } from "../../../../lib/wire/crypto/fernet.ts";
import { eventually } from "../../../support/eventually.ts";
import { FaultProxy } from "../../../support/fault.ts";
import { RedisRooms } from "../room-log/all-logs.ts";
import { Place, Recorder, say } from "../room-log/logs.ts";

// Somebody who has the password of Redis, but not the room's key, writes among the room's records.

const rooms = await RedisRooms.start();
afterAll(() => rooms[Symbol.asyncDispose]());

const LOG = "fc:{room}:log";
const SNAPSHOT = "fc:{room}:snap";

async function open(place: Place) {
	const log = await rooms.log(place);
	const room = new Recorder();
	log.open(room);
	return { log, room };
}

const keyOf = (place: Place) => new Fernet(readFileSync(join(place.folder, "redis-key"), "utf8"));
const SEALED = "The room in Redis is sealed with another key, or damaged.";

/** What opens under the room's key, but is no record. */
const wrong: [name: string, json: string][] = [
	["no JSON", "{"],
	["nothing", ""],
	["null", "null"],
	["a number", "7"],
	["a list", "[]"],
	["an object without entries", '{"v":1,"room":"ROOM"}'],
	["entries that are no list", '{"v":1,"room":"ROOM","entries":7}'],
	["an entry that is null", '{"v":1,"room":"ROOM","entries":[null]}'],
	["an entry without changes", '{"v":1,"room":"ROOM","entries":[{"server":"a1","n":2}]}'],
	["an entry without a number", '{"v":1,"room":"ROOM","entries":[{"server":"a1","changes":[]}]}'],
	["a version that is no number", '{"v":"1","room":"ROOM","entries":[],"isOver":true}'],
];
const foreign: [name: string, token: (place: Place, room: string) => string][] = [
	["a letter", () => "x"],
	["an empty text", () => ""],
	["100,000 letters", () => "x".repeat(100_000)],
	["a token of another key", () => new Fernet(generateKey()).encrypt('{"v":1}')],
	...wrong.map(([name, json]): (typeof foreign)[number] => [
		`a token with ${name}`,
		(place, room) => keyOf(place).encrypt(json.replace("ROOM", room)),
	]),
];

test.each(foreign)("%s in the middle of a room is nobody's", async (_, make) => {
	using place = new Place();
	// No snapshot.
	place.maxBytes = 1_000_000;
	const one = await open(place);
	one.log.append(say(1));
	await eventually("1", () => one.room.state.length >= 1);
	const [token = ""] = /gAAAA\S+/.exec(await rooms.cli(place, "XRANGE", LOG, "-", "+")) ?? [];
	const { room } = JSON.parse(keyOf(place).decrypt(token).toString());
	await rooms.cli(place, "XADD", LOG, "*", "e", make(place, room));
	one.log.append(say(2));
	await eventually("2", () => one.room.state.length >= 2);
	// Another server starts, and what it must have read first is behind that record.
	const two = await open(place);
	two.log.append(say(1, "hello", "b"));
	for (const { room } of [one, two]) await eventually("3", () => room.state.length >= 3);
	expect(one.room.entries).toEqual([say(1), say(2), say(1, "hello", "b")]);
	expect(two.room.state).toEqual(one.room.state);
	expect(place.warnings).toEqual([]);
	for (const { log } of [one, two]) await log.close();
});

test.each(foreign.slice(0, 5))(
	"%s in place of the first record keeps a server from starting",
	async (_, make) => {
		using place = new Place();
		const one = await open(place);
		await one.log.close();
		await rooms.cli(place, "DEL", LOG);
		await rooms.cli(place, "XADD", LOG, "0-1", "e", make(place, "room"));
		expect(rooms.log(place)).rejects.toThrow(SEALED);
	},
);

test.each(foreign.slice(0, 5))(
	"%s in place of the snapshot keeps a server from starting",
	async (_, make) => {
		using place = new Place();
		const one = await open(place);
		one.log.append(say(1));
		await eventually("1", () => one.room.state.length >= 1);
		await one.log.close();
		await rooms.cli(
			place,
			"SET",
			SNAPSHOT,
			`${"0".repeat(15)}-${"1".padStart(9, "0")}${make(place, "room")}`,
		);
		expect(rooms.log(place)).rejects.toThrow(SEALED);
	},
);

test("a foreign record that has become the first while a server starts, because of a snapshot, is nobody's", async () => {
	using place = new Place();
	place.maxBytes = 2000;
	const { log } = await open(place);
	const foreign = await rooms.cli(place, "XADD", LOG, "*", "e", "x");
	await using proxy = await FaultProxy.open(rooms.redis.port);
	using link = await RedisLink.open(rooms.address(place, proxy.port), keyOf(place));
	await rooms.cli(place, "CONFIG", "RESETSTAT");
	proxy.stall("down");
	const loading = loadRoom(link.writer, link.runId, new PageSize());
	await eventually("a look for a snapshot, before there is one", async () => {
		return /cmdstat_get:/.test(await rooms.cli(place, "INFO", "commandstats"));
	});
	log.append(say(1, "y".repeat(2000)));
	await eventually("snapshot", () => rooms.cli(place, "GET", SNAPSHOT));
	// As the servers do fifteen seconds later.
	await rooms.cli(place, "XTRIM", LOG, "MINID", foreign);
	proxy.release();
	expect((await loading).snapshot).not.toBe(null);
	await log.close();
});

test("a first record of a newer release keeps a server from starting, whatever is in it", async () => {
	using place = new Place();
	const one = await open(place);
	await one.log.close();
	await rooms.cli(place, "DEL", LOG);
	await rooms.cli(place, "XADD", LOG, "0-1", "e", keyOf(place).encrypt('{"v":99}'));
	await expect(rooms.log(place)).rejects.toThrow(
		"A newer version of fernet-chat serves this room.",
	);
});
