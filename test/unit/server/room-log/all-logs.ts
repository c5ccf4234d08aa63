import { dirname, join } from "node:path";
import type { RedisAddress } from "../../../../lib/server/redis/redis-address.ts";
import { LogClock } from "../../../../lib/server/room-log/log-clock.ts";
import { MemoryLog } from "../../../../lib/server/room-log/memory-log.ts";
import { openRedisLog } from "../../../../lib/server/room-log/open-redis-log.ts";
import type { RedisLog } from "../../../../lib/server/room-log/redis-log.ts";
import type { RoomLog } from "../../../../lib/server/room-log/room-log.ts";
import type { ChatError } from "../../../../lib/util/errors.ts";
import { DURABLE, Redis } from "../../../support/redis.ts";
import type { Place } from "./logs.ts";

/** Keeps the rooms of all places, each in a database of its own. Dispose of it after the tests. */
export const redis = await Redis.start(...DURABLE, "--databases", "1000");

const databases = new Map<Place, number>();

export function redisAddress(place: Place): RedisAddress {
	const database = databases.get(place) ?? databases.size;
	databases.set(place, database);
	return { host: "127.0.0.1", port: redis.port, tls: false, user: "", password: "", database };
}

/** `port` may be a proxy's. */
export function redisLog(place: Place, port = redis.port): Promise<RedisLog> {
	const { file, maxBytes, warn } = place;
	const key = join(dirname(file), REDIS_KEY);
	const onFailure = (error: ChatError): void => warn(error.message);
	return openRedisLog({
		address: { ...redisAddress(place), port },
		key,
		maxBytes,
		warn,
		onFailure,
	});
}

/** The file with the key of a room in Redis, which outlives the room. */
const REDIS_KEY = "redis-key";

/** The files and keys that are left of a room. */
export async function left(place: Place): Promise<string[]> {
	const { database } = redisAddress(place);
	const keys = await redis.cli("-n", String(database), "KEYS", "*");
	return [...place.files.filter((name) => name !== REDIS_KEY), ...keys.split("\n").filter(Boolean)];
}

type Create = (place: Place) => RoomLog | Promise<RoomLog>;

/** The logs that have their times from this process. */
export const LOCAL_LOGS: [name: string, create: Create][] = [
	["memory", ({ clocks, warn }) => new MemoryLog(new LogClock(clocks, warn))],
	["SQLite", (place) => place.sqliteLog()],
];
/** Every kind of log, as it is made for a place. */
export const LOGS: typeof LOCAL_LOGS = [...LOCAL_LOGS, ["Redis", (place) => redisLog(place)]];
