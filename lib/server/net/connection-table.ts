import { type Reason, reason } from "../../wire/errors/reason.ts";
import { networkOf } from "../limits/ip-address.ts";
import type { Limits } from "../limits/limits.ts";
import type { Connection } from "./connection.ts";

const LOBBY_FULL = reason("lobby_full");
const ADDRESS_FULL = reason("too_many_connections");

/**
 * Bounds the connections. Beyond a limit, the one that has waited longest without logging in must
 * go: a client that means to log in does so within moments, and silent ones keep nobody out.
 */
export class ConnectionTable {
	readonly #limits: Limits;
	readonly #connections = new Set<Connection>();
	/** Connections that had not logged in when we last looked, oldest first. */
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
	 * Whether there is no room even for a refusal: connections that were told to go take a while to
	 * close, and each network, like all of them together, may have only a limited number of those.
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
		const count = (this.#byNetwork.get(network) ?? 0) + 1;
		this.#byNetwork.set(network, count);
		this.#connections.add(connection);
		this.#unauthenticated.add(connection);
		if (count > this.#limits.maxPerAddress) {
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

	/** Ends the oldest matching connection that has not logged in, perhaps the newcomer itself. */
	#evictOldest(reason: Reason, isMeant: (other: Connection) => boolean): void {
		for (const other of this.#unauthenticated) {
			if (!other.isUnauthenticated || !isMeant(other)) continue;
			this.#unauthenticated.delete(other);
			return other.session.hangUp(reason);
		}
	}
}
