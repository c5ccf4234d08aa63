import { ExpiringMap } from "../../util/expiring-map.ts";
import type { Origin } from "../limits/fair-semaphore.ts";
import { networkOf, networksOf } from "../limits/ip-address.ts";
import { type AttemptKeys, DAY } from "../limits/rate-limiter.ts";

const MAX_ACCOUNTS = 10_000;
/** Networks remembered for one account, so that nobody can fill the memory with one of theirs. */
export const MAX_NETWORKS = 4;
/** Milliseconds for which they are. */
export const NETWORK_LIFETIME = 30 * DAY;

/** Where an attempt comes from, and by which keys the limits count it. */
export interface CountedOrigin extends Origin, AttemptKeys {}

/** `isHome`: the account was proved in this network before. */
export function countedOrigin(account: string, ip: string, isHome: boolean): CountedOrigin {
	const networkKey = networkOf(ip);
	if (!isHome)
		return { rank: "stranger", networks: networksOf(ip), accountKey: account, networkKey };
	const key = `${account} ${networkKey}`;
	return { rank: "home", networks: [key], accountKey: key, networkKey: key };
}

/**
 * The networks from which each account was proved. There the account has quotas of its own:
 * strangers on other networks cannot use them up.
 */
export class ProvedNetworks {
	/** By account, the newest first. */
	readonly #networks = new ExpiringMap<string, readonly string[]>(MAX_ACCOUNTS, NETWORK_LIFETIME);

	add(account: string, ip: string, now: number): void {
		const network = networkOf(ip);
		const others = this.#of(account, now).filter((other) => other !== network);
		this.#networks.set(account, [network, ...others].slice(0, MAX_NETWORKS), now);
	}

	originOf(account: string, ip: string, now: number): CountedOrigin {
		return countedOrigin(account, ip, this.#of(account, now).includes(networkOf(ip)));
	}

	#of(account: string, now: number): readonly string[] {
		return this.#networks.get(account, now) ?? [];
	}
}
