import type { BanList } from "./accounts/ban-list.ts";
import { KnownBans } from "./accounts/known-bans.ts";
import { RedisBans } from "./accounts/redis-bans.ts";
import { SharedBans } from "./accounts/shared-bans.ts";
import { redisLoginStore } from "./auth/redis-login-store.ts";
import { RedisDeviceList } from "./devices/redis-device-list.ts";
import type { Limits } from "./limits/limits.ts";
import { LazyRedisConnection } from "./redis/lazy-redis-connection.ts";
import type { RedisAddress } from "./redis/redis-address.ts";
import { SharedValues } from "./redis/shared-values.ts";
import { LogKeyFile } from "./room-log/log-key.ts";
import { unusable } from "./room-log/unusable.ts";
import type { Stores } from "./stores.ts";

interface RedisStoresOptions {
	/** `key` is the path of the file with the key that all servers of the room share. */
	readonly room: { readonly redis: RedisAddress; readonly key: string };
	/** This server's file. */
	readonly bans: BanList;
	readonly limits: Limits;
	/** Path of the folder for what outlives the server. */
	readonly state: string;
	readonly warn: (sentence: string) => void;
}

/**
 * What the servers of a room in Redis share beside the room, from when its log is open: that makes the
 * key of a new room.
 */
export function openRedisStores({ room, bans, limits, state, warn }: RedisStoresOptions): Stores {
	const redis = new LazyRedisConnection(room.redis);
	const values = new SharedValues({ redis, readKey: () => readKey(room.key), warn });
	const { rememberDays: days } = limits;
	return {
		bans,
		sharedBans: new SharedBans({
			...{ bans, warn },
			known: new KnownBans(state, warn),
			keeper: new RedisBans(values),
		}),
		devices: days === 0 ? null : new RedisDeviceList({ values, days, warn }),
		logins: redisLoginStore(values, limits),
		[Symbol.dispose]: () => redis[Symbol.dispose](),
	};
}

function readKey(path: string): string {
	const key = new LogKeyFile(path).read();
	if (key === null) throw unusable(`The key file ${path} is gone.`);
	return key;
}
