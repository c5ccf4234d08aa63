import { ExpiringMap } from "../../util/expiring-map.ts";

/** Beyond it we forget whose turn was longest ago: it would be next anyway. */
const MAX_TURNS = 10_000;

/** What waits in a network, and in the smaller networks in it. */
interface Network<T> {
	readonly key: string;
	readonly parts: Map<string, Network<T>>;
	/** Oldest first; only in the smallest networks. */
	readonly items: T[];
	/** How many wait in all. */
	size: number;
}

const emptyNetwork = <T>(key: string): Network<T> => ({
	key,
	parts: new Map(),
	items: [],
	size: 0,
});

/**
 * A queue for each network, within one for the larger network around it. They are served in turn,
 * so that anyone who fills a queue delays only their own network. If some have to go, the longest
 * queue loses its newest.
 */
export class FairQueue<T> {
	readonly #root = emptyNetwork<T>("");
	/** The number of the last turn of each network, those with an empty queue too. */
	readonly #turns = new ExpiringMap<string, number>(MAX_TURNS, Number.POSITIVE_INFINITY);
	#turn = 0;

	get length(): number {
		return this.#root.size;
	}

	/** `networks`: those that the item comes from, the largest first; their names are unique. */
	push(networks: readonly string[], item: T): void {
		let network = this.#root;
		network.size++;
		for (const key of networks) {
			const part = network.parts.get(key) ?? emptyNetwork<T>(key);
			network.parts.set(key, part);
			network = part;
			network.size++;
		}
		network.items.push(item);
	}

	/**
	 * Takes the oldest item of the network that has waited longest for its turn. `isBusy` says which
	 * top-level networks come after the others.
	 */
	shift(isBusy = (_network: string): boolean => false): T | undefined {
		this.#turn++;
		return this.#take(this.#root, (parts) => this.#nextInTurn([...parts], isBusy), "shift");
	}

	/** Takes the newest item of the longest queue. */
	dropLongest(): T | undefined {
		return this.#take(this.#root, longest, "pop");
	}

	/** Removes everything queued for a top-level network, each item with its networks. */
	removeAll(key: string): [networks: readonly string[], item: T][] {
		const network = this.#root.parts.get(key);
		if (!network) return [];
		this.#root.parts.delete(key);
		this.#root.size -= network.size;
		return itemsOf(network, [key]);
	}

	/** Whether anything waits in the largest of these networks. */
	has(networks: readonly string[]): boolean {
		return this.#root.parts.has(networks[0] ?? "");
	}

	/** Networks that had no turn yet come first, in the order in which they came. */
	#nextInTurn(
		parts: readonly Network<T>[],
		isBusy: (network: string) => boolean,
	): Network<T> | undefined {
		const idle = parts.filter(({ key }) => !isBusy(key));
		const candidates = idle.length > 0 ? idle : parts;
		const next = leastOf(candidates, ({ key }) => this.#turns.get(key, 0) ?? 0);
		if (next) this.#turns.set(next.key, this.#turn, 0);
		return next;
	}

	#take(
		network: Network<T>,
		choose: (parts: Iterable<Network<T>>) => Network<T> | undefined,
		end: "shift" | "pop",
	): T | undefined {
		if (network.size === 0) return undefined;
		network.size--;
		const part = choose(network.parts.values());
		if (!part) return network.items[end]();
		const item = this.#take(part, choose, end);
		if (part.size === 0) network.parts.delete(part.key);
		return item;
	}
}

function itemsOf<T>(network: Network<T>, path: readonly string[]): [readonly string[], T][] {
	const parts = [...network.parts].flatMap(([key, part]) => itemsOf(part, [...path, key]));
	return [...network.items.map((item): [readonly string[], T] => [path, item]), ...parts];
}

/** Of several that are equally long, the one that came last. */
const longest = <T>(parts: Iterable<Network<T>>): Network<T> | undefined =>
	leastOf([...parts].reverse(), ({ size }) => -size);

/** The first of those for which the measure is least. */
function leastOf<V>(values: Iterable<V>, measure: (value: V) => number): V | undefined {
	let least: V | undefined;
	let measured = Number.POSITIVE_INFINITY;
	for (const value of values) {
		const own = measure(value);
		if (own >= measured) continue;
		least = value;
		measured = own;
	}
	return least;
}
