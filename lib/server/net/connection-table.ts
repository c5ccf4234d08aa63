import { type Reason, reason } from "../../wire/reason.ts";
import { networkOf } from "../limits/ip-address.ts";
import type { Limits } from "../limits/limits.ts";
import type { Connection } from "./connection.ts";

const LOBBY_FULL = reason("lobby_full");
const ADDRESS_FULL = reason("too_many_connections");

/**
 * How many may be connected. When it is too many, whoever has been at the door longest without a
 * login has to go: somebody who means it is through in no time, and silence keeps nobody out.
 */
export class ConnectionTable {
	readonly #limits: Limits;
	readonly #connections = new Set<Connection>();
	/** Those who had not logged in when last looked at, the longest there first. */
	readonly #unauthenticated = new Set<Connection>();
	readonly #byNetwork = new Map<string, number>();

	constructor(limits: Limits) {
		this.#limits = limits;
	}

	get size(): number {
		return this.#connections.size;
	}

	[Symbol.iterator](): Iterator<Connection> {
		return this.#connections.values();
	}

	/**
	 * Whether there is no place even for a refusal: those who were told to go take a while to be
	 * gone, and one address, or all together, may have only so many of them.
	 */
	isFull(ip: string): boolean {
		const network = networkOf(ip);
		const { maxMembers, maxStrangers, maxPerAddress } = this.#limits;
		return (
			this.#connections.size >= maxMembers + 2 * maxStrangers ||
			(this.#byNetwork.get(network) ?? 0) >= 2 * maxPerAddress
		);
	}

	add(connection: Connection): void {
		const network = networkOf(connection.ip);
		const near = (this.#byNetwork.get(network) ?? 0) + 1;
		this.#byNetwork.set(network, near);
		this.#connections.add(connection);
		this.#unauthenticated.add(connection);
		if (near > this.#limits.maxPerAddress) {
			this.#evictOldest(ADDRESS_FULL, (other) => networkOf(other.ip) === network);
		} else if (this.#isLobbyFull()) this.#evictOldest(LOBBY_FULL, () => true);
	}

	remove(connection: Connection): void {
		this.#connections.delete(connection);
		this.#unauthenticated.delete(connection);
		const network = networkOf(connection.ip);
		const left = (this.#byNetwork.get(network) ?? 1) - 1;
		if (left > 0) this.#byNetwork.set(network, left);
		else this.#byNetwork.delete(network);
	}

	#isLobbyFull(): boolean {
		const { maxStrangers } = this.#limits;
		if (this.#unauthenticated.size <= maxStrangers) return false;
		for (const other of this.#unauthenticated)
			if (!other.isUnauthenticated) this.#unauthenticated.delete(other);
		return this.#unauthenticated.size > maxStrangers;
	}

	/** The oldest stranger of those that are meant; where there is no other, the newcomer itself. */
	#evictOldest(reason: Reason, isMeant: (other: Connection) => boolean): void {
		for (const other of this.#unauthenticated) {
			if (!other.isUnauthenticated || !isMeant(other)) continue;
			this.#unauthenticated.delete(other);
			return other.session.end(reason);
		}
	}
}
