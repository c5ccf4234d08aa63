import { networkOf } from "../limits/ip-address.ts";
import type { SharedValues } from "../redis/shared-values.ts";
import { StoreUnavailable } from "../storage/store-unavailable.ts";
import {
	type CountedOrigin,
	countedOrigin,
	MAX_NETWORKS,
	NETWORK_LIFETIME,
} from "./proved-networks.ts";

/** Digits of an account's MAC that name its place: of two accounts in one, the older is forgotten. */
const PLACE_DIGITS = 4;
const NOTHING = "";
const READ = `return redis.call("GET", KEYS[1]) or "${NOTHING}"`;
const WRITE = `redis.call("SET", KEYS[1], ARGV[1], "PX", ARGV[2])`;

/**
 * The networks from which each account was proved, at any server of the room. There are 65,536 places,
 * each with the MACs of an account's last networks.
 */
export class RedisProvedNetworks {
	readonly #values: SharedValues;

	constructor(values: SharedValues) {
		this.#values = values;
	}

	async originOf(account: string, ip: string): Promise<CountedOrigin> {
		const networks = await this.#of(account);
		return countedOrigin(account, ip, networks.includes(this.#mac(account, ip)));
	}

	/** Of two at once one may be lost: the next login from there adds it again. */
	async add(account: string, ip: string): Promise<void> {
		const network = this.#mac(account, ip);
		try {
			const others = (await this.#of(account)).filter((other) => other !== network);
			const kept = [network, ...others].slice(0, MAX_NETWORKS).join(" ");
			await this.#values.run(WRITE, [this.#nameOf(account)], [kept, NETWORK_LIFETIME]);
		} catch (error) {
			// The login stands. The next one counts as a stranger's.
			if (!(error instanceof StoreUnavailable)) throw error;
		}
	}

	async #of(account: string): Promise<string[]> {
		return String(await this.#values.run(READ, [this.#nameOf(account)])).split(" ");
	}

	#mac(account: string, ip: string): string {
		return this.#values.mac("network", account, networkOf(ip));
	}

	#nameOf(account: string): string {
		const place = Buffer.from(this.#values.mac("proved", account), "base64url").toHex();
		return this.#values.nameOf("networks", place.slice(0, PLACE_DIGITS));
	}
}
