import { afterAll, beforeAll, expect, test } from "bun:test";
import { LazyRedisConnection } from "../../../../lib/server/redis/lazy-redis-connection.ts";
import { parseRedisUrl } from "../../../../lib/server/redis/redis-address.ts";
import { RedisGone, RedisRefusal } from "../../../../lib/server/redis/redis-connection.ts";
import { eventually } from "../../../support/eventually.ts";
import { Redis } from "../../../support/redis.ts";

// Commands to a Redis that goes and comes back.

let redis: Redis;
beforeAll(async () => {
	redis = await Redis.start();
});
afterAll(() => redis[Symbol.asyncDispose]());

function open(): LazyRedisConnection {
	const address = parseRedisUrl(redis.url);
	if (!address) throw new Error(redis.url);
	return new LazyRedisConnection(address);
}

/** The connections that Redis has, without the one that asks. */
const connections = async (): Promise<number> =>
	(await redis.cli("CLIENT", "LIST", "TYPE", "normal")).split("\n").length - 1;

const outcome = (sent: Promise<unknown>): Promise<unknown> => sent.catch((error) => error);

test("all commands share one connection, which is opened with the first", async () => {
	using connection = open();
	expect(await connections()).toBe(0);
	const sent = Array.from({ length: 50 }, (_, i) => connection.send("INCRBY", ["shared", i]));
	expect((await Promise.all(sent)).at(-1)).toBe(49 * 25);
	expect(await connections()).toBe(1);
	await expect(connection.send("INCRBY", ["shared", "x"])).rejects.toThrow(RedisRefusal);
	expect(await connection.send("GET", ["shared"])).toBe(String(49 * 25));
	expect(await connections()).toBe(1);
});

test("what is sent while Redis is gone fails at once, and is not carried out later", async () => {
	using connection = open();
	await connection.send("SET", ["kept", "1"]);
	await redis.stop();
	const sent = Array.from({ length: 20 }, () => outcome(connection.send("SET", ["stale", "1"])));
	for (const error of await Promise.all(sent)) expect(error).toBeInstanceOf(RedisGone);
	await redis.restart();
	expect(await connection.send("GET", ["kept"])).toBe("1");
	expect(await connection.send("EXISTS", ["stale"])).toBe(0);
	expect(await connections()).toBe(1);
});

test("what a frozen Redis does not answer fails in time, and the next command has a connection of its own", async () => {
	using connection = open();
	await connection.send("PING", []);
	redis.freeze();
	try {
		const sent = Array.from({ length: 20 }, () => outcome(connection.send("PING", [])));
		for (const error of await Promise.all(sent)) expect(error).toBeInstanceOf(RedisGone);
	} finally {
		redis.thaw();
	}
	expect(await connection.send("PING", [])).toBe("PONG");
	await eventually("one connection", async () => (await connections()) === 1);
});

test("a connection that is closed sends nothing, and leaves none open, one that was on its way neither", async () => {
	const [used, dialling, unused] = [open(), open(), open()];
	await used.send("PING", []);
	const sent = outcome(dialling.send("PING", []));
	for (const connection of [used, dialling, unused]) connection[Symbol.dispose]();
	expect(await sent).toBeInstanceOf(RedisGone);
	for (const connection of [used, dialling, unused]) {
		await expect(connection.send("PING", [])).rejects.toThrow(RedisGone);
	}
	await eventually("no connection", async () => (await connections()) === 0);
});
