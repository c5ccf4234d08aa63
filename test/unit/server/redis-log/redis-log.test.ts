import { afterAll, expect, test } from "bun:test";
import { cpSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Fernet, generateKey } from "../../../../lib/wire/crypto/fernet.ts";
import { eventually } from "../../../support/eventually.ts";
import { FaultProxy } from "../../../support/fault.ts";
import { RedisRooms } from "../room-log/all-logs.ts";
import { Place, Recorder, say } from "../room-log/logs.ts";

// What only a log in Redis can do: several servers read and write one room.

const rooms = await RedisRooms.start();
afterAll(() => rooms[Symbol.asyncDispose]());

const LOG = "fc:{room}:log";
const SNAPSHOT = "fc:{room}:snap";

async function open(place: Place, port?: number) {
	const log = await rooms.log(place, port);
	const room = new Recorder();
	log.open(room);
	return { log, room };
}

const cli = (place: Place, ...command: string[]) => rooms.cli(place, ...command);

test("gives every server the entries of all, in one order and with the same stamps", async () => {
	using place = new Place();
	const servers = [await open(place), await open(place), await open(place)];
	for (let n = 1; n <= 200; n++) {
		for (const [i, { log }] of servers.entries()) log.append(say(n, `text ${n}`, `s${i}`));
		if (n % 20 === 0) await Bun.sleep(0);
	}
	for (const { room } of servers) await eventually("600", () => room.state.length >= 600);
	const late = await open(place);
	await eventually("600", () => late.room.state.length >= 600);
	for (const { room } of [...servers, late])
		expect(room.state).toEqual(servers[0]?.room.state ?? []);
	for (const [i] of servers.entries()) {
		const own = servers[0]?.room.entries.filter(({ server }) => server === `s${i}`);
		expect(own?.map(({ n }) => n)).toEqual(Array.from({ length: 200 }, (_, n) => n + 1));
	}
	for (const { log } of [...servers, late]) await log.close();
});

test("runs an action when everything has been read that another server wrote before it", async () => {
	using place = new Place();
	const [one, two] = [await open(place), await open(place)];
	for (let n = 1; n <= 30; n++) {
		one.log.append(say(n));
		await eventually(`${n}`, () => one.room.state.length >= n);
		// The other may not have read it yet.
		const { promise, resolve } = Promise.withResolvers<number>();
		two.log.whenCurrent(() => resolve(two.room.state.length));
		expect(await promise).toBeGreaterThanOrEqual(n);
	}
	for (const { log } of [one, two]) await log.close();
});

test("what one server had still to write when it closes is written", async () => {
	using place = new Place();
	const [one, two] = [await open(place), await open(place)];
	for (let n = 1; n <= 500; n++) one.log.append(say(n));
	await one.log.close();
	await eventually("500", () => two.room.state.length >= 500);
	await two.log.close();
});

test("nothing but ciphertext is in Redis, and none of it opens under another key", async () => {
	using place = new Place();
	const { log, room } = await open(place);
	log.append(say(1, "secret words", "server-name"));
	await eventually("1", () => room.state.length >= 1);
	await log.close();
	const stored = await cli(place, "XRANGE", LOG, "-", "+");
	expect(stored).not.toMatch(/secret|server-name|request|changes/);
	const tokens = stored.split("\n").filter((line) => line.startsWith("gAAAA"));
	expect(tokens.length).toBeGreaterThan(1);
	for (const token of tokens) expect(() => new Fernet(generateKey()).decrypt(token)).toThrow();
});

test("a snapshot takes the place of the records, so that Redis holds little more than was asked for", async () => {
	using place = new Place();
	place.maxBytes = 20_000;
	const [one, two] = [await open(place), await open(place)];
	for (let n = 1; n <= 100; n++) {
		one.log.append(say(n, "x".repeat(1000)));
		await eventually(`${n}`, () => one.room.state.length >= n);
	}
	await eventually("snapshot", async () => (await cli(place, "EXISTS", SNAPSHOT)) === "1");
	const next = await open(place);
	await eventually("100", () => next.room.state.length >= 100);
	expect(next.room.restored).toBe(1);
	expect(next.room.state).toEqual(one.room.state);
	expect(next.room.applied.length).toBeLessThan(100);
	for (const { log } of [one, two, next]) await log.close();
});

test("a server that missed what is only in the snapshot by now takes that, and goes on", async () => {
	using place = new Place();
	place.maxBytes = 5000;
	const one = await open(place);
	one.log.append(say(1));
	await eventually("1", () => one.room.state.length >= 1);
	await using proxy = await FaultProxy.open(rooms.redis.port);
	const two = await open(place, proxy.port);
	expect(two.room.state).toHaveLength(1);
	proxy.refuses = true;
	proxy.cut();
	for (let n = 2; n <= 40; n++) {
		one.log.append(say(n, "y".repeat(500)));
		await eventually(`${n}`, () => one.room.state.length >= n);
	}
	const snapshot = await eventually("snapshot", () => cli(place, "GETRANGE", SNAPSHOT, "0", "24"));
	const id = snapshot.split("-").map(Number).join("-");
	// As the servers do, when fifteen seconds have passed.
	expect(Number(await cli(place, "XTRIM", LOG, "MINID", id))).toBeGreaterThan(1);
	proxy.refuses = false;
	await eventually("40", () => two.room.state.length >= 40);
	expect(two.room.restored).toBe(1);
	expect(two.room.state).toEqual(one.room.state);
	for (const { log } of [one, two]) await log.close();
});

/** Two servers, and a Redis that only the second one reaches through a proxy. */
async function pair(place: Place, proxy: FaultProxy) {
	const servers = [await open(place), await open(place, proxy.port)] as const;
	for (const { log } of servers) log.append(say(1, "before", log === servers[0].log ? "a" : "b"));
	for (const { room } of servers) await eventually("2", () => room.state.length >= 2);
	return servers;
}

const OVER = /the room has ended/;

test.each([
	["everything", ["FLUSHDB"]],
	["the log", ["DEL", LOG]],
	["its last records", ["XTRIM", LOG, "MAXLEN", "0"]],
])("a Redis that has forgotten %s ends the room for every server", async (_, command) => {
	using place = new Place();
	await using proxy = await FaultProxy.open(rooms.redis.port);
	const servers = await pair(place, proxy);
	await cli(place, ...command);
	await eventually("the end", () => place.warnings.filter((text) => OVER.test(text)).length === 2);
	for (const { log } of servers) expect(log.append(say(2))).toBe(false);
	for (const { room } of servers) expect(room.state).toHaveLength(2);
	const next = await open(place);
	next.log.append(say(1, "new"));
	await eventually("1", () => next.room.state.length >= 1);
	expect(next.room.entries).toEqual([say(1, "new")]);
	await next.log.close();
});

test("a server that has read less than another ends with it, and writes nothing under old places", async () => {
	using place = new Place();
	await using proxy = await FaultProxy.open(rooms.redis.port);
	const [one, two] = await pair(place, proxy);
	proxy.refuses = true;
	proxy.cut();
	two.log.append(say(2, "never", "b"));
	for (let n = 2; n <= 5; n++) one.log.append(say(n, "unheard", "a"));
	await eventually("6", () => one.room.state.length >= 6);
	// Redis loses what only the first server has heard.
	const ids = (await cli(place, "XRANGE", LOG, "-", "+"))
		.split("\n")
		.filter((l) => /^\d+-\d+$/.test(l));
	for (const id of ids.slice(-4)) await cli(place, "XDEL", LOG, id);
	await eventually("the end", () => place.warnings.filter((text) => OVER.test(text)).length === 1);
	proxy.refuses = false;
	await eventually("the end", () => place.warnings.filter((text) => OVER.test(text)).length === 2);
	expect(two.room.state).toHaveLength(2);
});

test("a record that a server of an earlier room still writes is nobody's", async () => {
	using place = new Place();
	const one = await open(place);
	one.log.append(say(1));
	await eventually("1", () => one.room.state.length >= 1);
	const [, , , stale] = (await cli(place, "XRANGE", LOG, "-", "+")).split("\n").slice(2);
	await one.log.remove();
	const next = await open(place);
	await cli(place, "XADD", LOG, "*", "e", String(stale));
	next.log.append(say(1, "new"));
	await eventually("1", () => next.room.state.length >= 1);
	expect(next.room.entries).toEqual([say(1, "new")]);
	await next.log.close();
});

test("what a newer release has written stops this one, and keeps it from starting", async () => {
	using place = new Place();
	const { log, room } = await open(place);
	log.append(say(1));
	await eventually("1", () => room.state.length >= 1);
	const fernet = new Fernet(readFileSync(join(place.folder, "redis-key"), "utf8"));
	const [, , token = ""] = (await cli(place, "XRANGE", LOG, "-", "+")).split("\n");
	const record = JSON.parse(fernet.decrypt(token).toString());
	const newer = fernet.encrypt(JSON.stringify({ ...record, v: record.v + 1, novel: true }));
	await cli(place, "XADD", LOG, "*", "e", newer);
	await eventually("the end", () => place.warnings.some((text) => /A newer version/.test(text)));
	expect(room.state).toHaveLength(1);
	const next = await rooms.log(place);
	expect(() => next.open(new Recorder())).toThrow(
		"A newer version of fernet-chat serves this room.",
	);
	await next.close();
});

test.each([
	["a server of this room", [], (room: string) => room],
	["a server of an earlier room", [say(1)], () => "another"],
])("%s has found that the room is over", async (_, left, roomOf) => {
	using place = new Place();
	const one = await open(place);
	one.log.append(say(1));
	await eventually("1", () => one.room.state.length >= 1);
	await one.log.close();
	const fernet = new Fernet(readFileSync(join(place.folder, "redis-key"), "latin1"));
	const [token = ""] = /gAAAA\S+/.exec(await cli(place, "XRANGE", LOG, "-", "+")) ?? [];
	const { room } = JSON.parse(fernet.decrypt(token).toString());
	const over = { v: 1, room: roomOf(room), entries: [], isOver: true };
	await cli(place, "XADD", LOG, "*", "e", fernet.encrypt(JSON.stringify(over)));
	const next = await open(place);
	expect(next.room.entries).toEqual(left);
	await next.log.close();
});

test("a server that lags behind reads the end of a room, of which nothing stays", async () => {
	using place = new Place();
	place.maxBytes = 2000;
	await using proxy = await FaultProxy.open(rooms.redis.port);
	const [one, two] = await pair(place, proxy);
	for (let n = 2; n <= 9; n++) one.log.append(say(n, "z".repeat(500), "a"));
	const snapshot = await eventually("snapshot", () => cli(place, "GET", SNAPSHOT));
	await eventually("10", () => two.room.state.length >= 10);
	proxy.refuses = true;
	proxy.cut();
	one.log.append(say(10, "the end", "a"));
	await eventually("11", () => one.room.state.length >= 11);
	await one.log.remove();
	proxy.refuses = false;
	await eventually("11", () => two.room.state.length >= 11);
	await two.log.remove();
	expect(place.warnings.filter((text) => OVER.test(text))).toEqual([]);
	expect(await rooms.left(place)).toEqual([]);
	expect(Number(await cli(place, "PTTL", LOG))).toBeLessThanOrEqual(15_000);
	// Redis was killed when it had deleted the log, and not yet the snapshot.
	await cli(place, "DEL", LOG);
	await cli(place, "SET", SNAPSHOT, snapshot);
	const next = await open(place);
	expect(next.room.entries).toEqual([]);
	expect(await cli(place, "EXISTS", SNAPSHOT)).toBe("0");
	await next.log.close();
});

test("a server that ends late takes nothing of the next room", async () => {
	using place = new Place();
	place.maxBytes = 2000;
	const [one, two] = [await open(place), await open(place)];
	one.log.append(say(1, "the end"));
	for (const { room } of [one, two]) await eventually("1", () => room.state.length >= 1);
	await one.log.remove();
	const next = await open(place);
	for (let n = 1; n <= 9; n++) next.log.append(say(n, "n".repeat(500)));
	await eventually("snapshot", () => cli(place, "GET", SNAPSHOT));
	await two.log.remove();
	expect(await cli(place, "EXISTS", SNAPSHOT)).toBe("1");
	expect(await cli(place, "PTTL", LOG)).toBe("-1");
	const last = await open(place);
	expect(last.room.entries).toHaveLength(9);
	for (const { log } of [next, last]) await log.close();
});

test("no snapshot is written of a room that has ended", async () => {
	using place = new Place();
	const { log } = await open(place);
	await cli(place, "CONFIG", "RESETSTAT");
	await cli(place, "PEXPIRE", LOG, "15000");
	log.append(say(1, "1".repeat(2000)));
	// The script that would write it asks when the log ends.
	await eventually("an attempt", async () => {
		return /cmdstat_pttl/.test(await cli(place, "INFO", "commandstats"));
	});
	await log.close();
	expect(await cli(place, "EXISTS", SNAPSHOT)).toBe("0");
});

test.each([
	["everysec", 0],
	["always", 9],
])(
	"after another start of a Redis that had appendfsync %s, a room has %i entries",
	async (fsync, left) => {
		using place = new Place();
		place.maxBytes = 2000;
		await cli(place, "CONFIG", "SET", "appendfsync", fsync);
		const { log } = await open(place);
		for (let n = 1; n <= 9; n++) log.append(say(n, "s".repeat(500)));
		// Of all nine: what says so is in the snapshot alone.
		await eventually("snapshot", () => cli(place, "GET", SNAPSHOT));
		await log.close();
		await rooms.redis.stop();
		await rooms.redis.restart();
		const next = await open(place);
		expect(next.room.entries).toHaveLength(left);
		await next.log.close();
	},
);

test("a room goes on after another start of Redis once all has been written with appendfsync always", async () => {
	using place = new Place();
	await cli(place, "CONFIG", "SET", "appendfsync", "everysec");
	const one = await open(place);
	one.log.append(say(1));
	await eventually("1", () => one.room.state.length >= 1);
	await one.log.close();
	await cli(place, "CONFIG", "SET", "appendfsync", "always");
	const two = await open(place);
	two.log.append(say(2));
	await eventually("2", () => two.room.state.length >= 2);
	await two.log.close();
	await rooms.redis.stop();
	await rooms.redis.restart();
	const three = await open(place);
	expect(three.room.entries).toEqual([say(1), say(2)]);
	await three.log.close();
});

test("an old file put back: who has read more says so before who has read less goes on", async () => {
	await using old = await RedisRooms.start();
	using place = new Place();
	const { redis } = old;
	await using near = await FaultProxy.open(redis.port);
	await using far = await FaultProxy.open(redis.port);
	const open = async (port: number) => {
		const log = await old.log(place, port);
		const room = new Recorder();
		log.open(room);
		return { log, room };
	};
	const [one, two] = [await open(near.port), await open(far.port)];
	one.log.append(say(1, "both", "a"));
	for (const { room } of [one, two]) await eventually("1", () => room.state.length >= 1);
	const [file, kept] = ["appendonlydir", "kept"].map((name) => join(redis.folder, name));
	cpSync(String(file), String(kept), { recursive: true });
	far.refuses = true;
	far.cut();
	two.log.append(say(1, "never heard", "b"));
	one.log.append(say(2, "only one heard", "a"));
	await eventually("2", () => one.room.state.length >= 2);
	near.refuses = true;
	await redis.stop();
	rmSync(String(file), { recursive: true });
	cpSync(String(kept), String(file), { recursive: true });
	await redis.restart();
	far.refuses = false;
	await eventually("the one who has read less", () => far.size > 0);
	near.refuses = false;
	await eventually("the end", () => place.warnings.filter((text) => OVER.test(text)).length === 2);
	expect(two.room.entries).toEqual([say(1, "both", "a")]);
	for (const { log } of [one, two]) await log.close();
}, 30_000);
