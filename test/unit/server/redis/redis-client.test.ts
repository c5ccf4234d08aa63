import { afterAll, beforeAll, expect, test } from "bun:test";
import { parseRedisUrl } from "../../../../lib/server/redis/redis-address.ts";
import { RedisClient } from "../../../../lib/server/redis/redis-client.ts";
import { RedisGone, RedisRefusal } from "../../../../lib/server/redis/redis-connection.ts";
import { eventually } from "../../../support/eventually.ts";
import { Redis } from "../../../support/redis.ts";

// Commands to a Redis that goes and comes back.

let redis: Redis;
beforeAll(async () => {
	redis = await Redis.start();
});
afterAll(() => redis[Symbol.asyncDispose]());

function open(): RedisClient {
	const address = parseRedisUrl(redis.url);
	if (!address) throw new Error(redis.url);
	return new RedisClient(address);
}

/** The connections that Redis has, without the one that asks. */
const connections = async (): Promise<number> =>
	(await redis.cli("CLIENT", "LIST", "TYPE", "normal")).split("\n").length - 1;

const outcome = (sent: Promise<unknown>): Promise<unknown> => sent.catch((error) => error);

test("all commands share one connection, which is opened with the first", async () => {
	using client = open();
	expect(await connections()).toBe(0);
	const sent = Array.from({ length: 50 }, (_, i) => client.send("INCRBY", ["shared", i]));
	expect((await Promise.all(sent)).at(-1)).toBe(49 * 25);
	expect(await connections()).toBe(1);
	await expect(client.send("INCRBY", ["shared", "x"])).rejects.toThrow(RedisRefusal);
	expect(await client.send("GET", ["shared"])).toBe(String(49 * 25));
	expect(await connections()).toBe(1);
});

test("what is sent while Redis is gone fails at once, and is not carried out later", async () => {
	using client = open();
	await client.send("SET", ["kept", "1"]);
	await redis.stop();
	const sent = Array.from({ length: 20 }, () => outcome(client.send("SET", ["stale", "1"])));
	for (const error of await Promise.all(sent)) expect(error).toBeInstanceOf(RedisGone);
	await redis.restart();
	expect(await client.send("GET", ["kept"])).toBe("1");
	expect(await client.send("EXISTS", ["stale"])).toBe(0);
	expect(await connections()).toBe(1);
});

test("what a frozen Redis does not answer fails in time, and the next command has a connection of its own", async () => {
	using client = open();
	await client.send("PING", []);
	redis.freeze();
	try {
		const sent = Array.from({ length: 20 }, () => outcome(client.send("PING", [])));
		for (const error of await Promise.all(sent)) expect(error).toBeInstanceOf(RedisGone);
	} finally {
		redis.thaw();
	}
	expect(await client.send("PING", [])).toBe("PONG");
	await eventually("one connection", async () => (await connections()) === 1);
});

test("a client that is closed sends nothing, and leaves no connection, one that was on its way neither", async () => {
	const [used, dialling, unused] = [open(), open(), open()];
	await used.send("PING", []);
	const sent = outcome(dialling.send("PING", []));
	for (const client of [used, dialling, unused]) client[Symbol.dispose]();
	expect(await sent).toBeInstanceOf(RedisGone);
	for (const client of [used, dialling, unused]) {
		await expect(client.send("PING", [])).rejects.toThrow(RedisGone);
	}
	await eventually("no connection", async () => (await connections()) === 0);
});
