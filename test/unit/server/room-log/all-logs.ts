import { join } from "node:path";
import type { RedisAddress } from "../../../../lib/server/redis/redis-address.ts";
import { openRedisLog } from "../../../../lib/server/redis-log/open-redis-log.ts";
import type { RedisLog } from "../../../../lib/server/redis-log/redis-log.ts";
import { LogClock } from "../../../../lib/server/room-log/log-clock.ts";
import { MemoryLog } from "../../../../lib/server/room-log/memory-log.ts";
import type { RoomLog } from "../../../../lib/server/room-log/room-log.ts";
import type { ChatError } from "../../../../lib/util/errors.ts";
import { DURABLE, Redis } from "../../../support/redis.ts";
import type { Place } from "./logs.ts";

/** The file with the key of a room in Redis, which outlives the room. */
const REDIS_KEY = "redis-key";

/** A Redis that keeps the room of each place in a database of its own. */
export class RedisRooms implements AsyncDisposable {
	readonly #databases = new Map<Place, number>();

	private constructor(readonly redis: Redis) {}

	static async start(): Promise<RedisRooms> {
		return new RedisRooms(await Redis.start(...DURABLE, "--databases", "1000"));
	}

	/** `port` may be a proxy's. */
	log(place: Place, port = this.redis.port): Promise<RedisLog> {
		const { folder, maxBytes, warn } = place;
		const address = this.address(place, port);
		const onFailure = (error: ChatError): void => warn(error.message);
		return openRedisLog({ address, key: join(folder, REDIS_KEY), maxBytes, warn, onFailure });
	}

	/** Where the room of a place is. */
	address(place: Place, port = this.redis.port): RedisAddress {
		const database = this.#databaseOf(place);
		return { host: "127.0.0.1", port, tls: false, user: "", password: "", database };
	}

	/** What `redis-cli` prints. */
	cli(place: Place, ...command: string[]): Promise<string> {
		return this.redis.cli("-n", String(this.#databaseOf(place)), ...command);
	}

	/** The files that are left of a room, and the keys that Redis does not delete by itself. */
	async left(place: Place): Promise<string[]> {
		const lasting = await this.redis.lastingKeys(this.#databaseOf(place));
		return [...place.files.filter((name) => name !== REDIS_KEY), ...lasting];
	}

	#databaseOf(place: Place): number {
		const database = this.#databases.get(place) ?? this.#databases.size;
		this.#databases.set(place, database);
		return database;
	}

	[Symbol.asyncDispose](): Promise<void> {
		return this.redis[Symbol.asyncDispose]();
	}
}

export type CreateLog = (place: Place) => RoomLog | Promise<RoomLog>;

/** The logs that have their times from this process. */
export const LOCAL_LOGS: [name: string, create: CreateLog][] = [
	["memory", ({ clocks, warn }) => new MemoryLog(new LogClock(clocks, warn))],
	["SQLite", (place) => place.sqliteLog()],
];
