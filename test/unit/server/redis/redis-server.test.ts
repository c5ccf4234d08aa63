import { afterAll, expect, test } from "bun:test";
import { RedisConnection } from "../../../../lib/server/redis/redis-connection.ts";
import { whyNotDurable } from "../../../../lib/server/redis/redis-server.ts";
import { DURABLE, Redis } from "../../../support/redis.ts";

// Redis reads a long file slowly: it is still at it when the test ends.

const redis = await Redis.start(...DURABLE, "--key-load-delay", "100");
afterAll(() => redis[Symbol.asyncDispose]());

const connect = () =>
	RedisConnection.open({
		...{ host: "127.0.0.1", port: redis.port, tls: false, user: "", password: "", database: 0 },
	});

test("a Redis that still reads its file is not taken for one that keeps nothing", async () => {
	{
		using connection = await connect();
		expect(await whyNotDurable(connection)).toBe(null);
	}
	await redis.cli("EVAL", "for i = 1, 200000 do redis.call('SET', i, i) end", "0");
	await redis.stop();
	await redis.restart();
	using connection = await connect();
	await expect(whyNotDurable(connection)).rejects.toThrow("LOADING");
});
