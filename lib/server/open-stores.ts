import { BanList } from "./accounts/ban-list.ts";
import { localLoginStore } from "./auth/login-store.ts";
import { DeviceList } from "./devices/device-list.ts";
import type { ServerOptions } from "./server-options.ts";
import type { Stores } from "./stores.ts";

/** Opens what is known of accounts. Throws ChatError if a file is unusable. */
export async function openStores(
	options: ServerOptions,
	warn: (sentence: string) => void,
): Promise<Stores> {
	const { room, limits, state } = options;
	const bans = new BanList(state, warn);
	if (room && "redis" in room) {
		// Loaded on demand: hardly any room is kept there.
		const { openRedisStores } = await import("./redis-stores.ts");
		return openRedisStores({ room, bans, limits, state, warn });
	}
	const devices = DeviceList.open(options, warn);
	return { bans, devices, logins: localLoginStore(limits), [Symbol.dispose]: () => {} };
}
