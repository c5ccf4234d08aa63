import { ExpiringMap } from "../../util/expiring-map.ts";
import type { Origin } from "../limits/fair-semaphore.ts";
import { networkOf, networksOf } from "../limits/ip-address.ts";
import { DAY } from "../limits/rate-limiter.ts";

const MAX_ACCOUNTS = 10_000;
/** Networks remembered for one account, so that nobody can fill the memory with one of theirs. */
const MAX_NETWORKS = 4;
const LIFETIME = 30 * DAY;

/** Where an attempt comes from, and by which keys the limits count it. */
export interface CountedOrigin extends Origin {
	readonly accountKey: string;
	readonly networkKey: string;
}

/**
 * The networks from which each account was proved. There the account has quotas of its own:
 * strangers on other networks cannot use them up.
 */
export class ProvedNetworks {
	/** By account, the newest first. */
	readonly #networks = new ExpiringMap<string, readonly string[]>(MAX_ACCOUNTS, LIFETIME);

	add(account: string, ip: string, now: number): void {
		const network = networkOf(ip);
		const others = this.#of(account, now).filter((other) => other !== network);
		this.#networks.set(account, [network, ...others].slice(0, MAX_NETWORKS), now);
	}

	originOf(account: string, ip: string, now: number): CountedOrigin {
		const network = networkOf(ip);
		if (!this.#of(account, now).includes(network)) {
			const networks = networksOf(ip);
			return { rank: "stranger", networks, accountKey: account, networkKey: network };
		}
		const key = `${account} ${network}`;
		return { rank: "home", networks: [key], accountKey: key, networkKey: key };
	}

	#of(account: string, now: number): readonly string[] {
		return this.#networks.get(account, now) ?? [];
	}
}
