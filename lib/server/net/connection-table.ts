import { type Reason, reason } from "../../wire/errors/reason.ts";
import { networkOf } from "../limits/ip-address.ts";
import type { Limits } from "../limits/limits.ts";

type TableLimits = Pick<Limits, "maxMembers" | "maxStrangers" | "maxPerAddress">;

const LOBBY_FULL = reason("lobby_full");
const ADDRESS_FULL = reason("too_many_connections");

/** A connection as the table sees it: a chat client's, or a browser's that asks for the page. */
export interface Counted {
	/** The networks that it comes from, the largest first, and the one that limits count it by. */
	readonly networks: readonly string[];
	readonly network: string;
	/** It has been told to go. */
	readonly isClosing: boolean;
	/** It has not logged in yet, and has not been told to go. */
	readonly isUnauthenticated: boolean;
	readonly socket: { terminate(): void };
	hangUp(reason: Reason): void;
}

/**
 * Bounds the connections. Beyond a limit, the network that has the most of them pays, with the one
 * that has waited longest without logging in: a client that means to log in does so within moments,
 * and a few networks with silent ones keep out nobody in another.
 */
export class ConnectionTable<C extends Counted> {
	readonly #limits: TableLimits;
	readonly #connections = new Set<C>();
	/** Connections that had not logged in when we last looked, oldest first. */
	readonly #unauthenticated = new Set<C>();
	readonly #byNetwork = new Map<string, number>();

	constructor(limits: TableLimits) {
		this.#limits = limits;
	}

	get size(): number {
		return this.#connections.size;
	}

	[Symbol.iterator](): Iterator<C> {
		return this.#connections.values();
	}

	/**
	 * Makes room for one more connection, which may itself have to be told to go. Those that were told
	 * take a while to close; if they are too many, one is cut. Returns false if there is none to cut.
	 */
	makeRoom(ip: string): boolean {
		const network = networkOf(ip);
		const { maxMembers, maxStrangers, maxPerAddress } = this.#limits;
		const isCrowded = (this.#byNetwork.get(network) ?? 0) >= 2 * maxPerAddress;
		if (isCrowded && !this.#cutOldest((other) => other.network === network)) return false;
		return this.#connections.size < maxMembers + 2 * maxStrangers || this.#cutOldest(() => true);
	}

	add(connection: C): void {
		const { network } = connection;
		const count = (this.#byNetwork.get(network) ?? 0) + 1;
		this.#byNetwork.set(network, count);
		this.#connections.add(connection);
		this.#unauthenticated.add(connection);
		const { maxPerAddress } = this.#limits;
		if (count > maxPerAddress && this.#countOpen(network) > maxPerAddress) {
			this.#evictOldest(ADDRESS_FULL, (other) => other.network === network);
		} else if (this.#isLobbyFull()) this.#evictOldest(LOBBY_FULL, () => true);
	}

	remove(connection: C): void {
		if (!this.#connections.delete(connection)) return;
		this.#unauthenticated.delete(connection);
		const { network } = connection;
		const left = (this.#byNetwork.get(network) ?? 1) - 1;
		if (left > 0) this.#byNetwork.set(network, left);
		else this.#byNetwork.delete(network);
	}

	/** Those that were told to go must not take the places of others in their network. */
	#countOpen(network: string): number {
		let count = 0;
		for (const other of this.#connections) {
			if (other.network === network && !other.isClosing) count++;
		}
		return count;
	}

	#isLobbyFull(): boolean {
		const { maxStrangers } = this.#limits;
		if (this.#unauthenticated.size <= maxStrangers) return false;
		for (const other of this.#unauthenticated)
			if (!other.isUnauthenticated) this.#unauthenticated.delete(other);
		return this.#unauthenticated.size > maxStrangers;
	}

	/** Tells a matching connection that has not logged in to go, perhaps the newcomer itself. */
	#evictOldest(reason: Reason, isMeant: (other: C) => boolean): void {
		const loser = oldestOfLargest(
			[...this.#unauthenticated].filter((other) => other.isUnauthenticated && isMeant(other)),
		);
		if (!loser) return;
		this.#unauthenticated.delete(loser);
		loser.hangUp(reason);
	}

	/** Cuts a matching connection that was told to go; returns false if there is none. */
	#cutOldest(isMeant: (other: C) => boolean): boolean {
		const loser = oldestOfLargest(
			[...this.#connections].filter((other) => other.isClosing && isMeant(other)),
		);
		if (!loser) return false;
		this.remove(loser);
		loser.socket.terminate();
		return true;
	}
}

/**
 * The oldest connection of the largest network, and of the largest in that. `connections`: oldest
 * first, all of one network of the `level` above.
 */
function oldestOfLargest<C extends Counted>(connections: readonly C[], level = 0): C | undefined {
	const [oldest] = connections;
	if (!oldest || level === oldest.networks.length) return oldest;
	let largest: readonly C[] = [];
	for (const part of Map.groupBy(connections, ({ networks }) => networks[level]).values()) {
		if (part.length > largest.length) largest = part;
	}
	return oldestOfLargest(largest, level + 1);
}
