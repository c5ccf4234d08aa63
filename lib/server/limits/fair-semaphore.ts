import { ChatError } from "../../util/errors.ts";
import { FairQueue } from "./fair-queue.ts";

/** The limit on waiting tasks is reached. */
export class QueueFull extends ChatError {
	constructor() {
		super("queue_full", "Too many tasks are already waiting for their turn.");
	}
}

/** An account where it was proved before, anybody else, or a network whose login failed lately. */
type Rank = "home" | "stranger" | "suspect";

/** Where a task comes from. */
export interface Origin {
	/** The networks it comes from, the largest first. */
	readonly networks: readonly string[];
	readonly rank: Rank;
}

/** A task's turn; while it waits, it may become a suspect's. */
interface Turn extends PromiseWithResolvers<void> {
	rank: Rank;
	/** The largest network that the task comes from. */
	readonly network: string;
}

/**
 * While both wait, accounts at home get two turns for each of the strangers', and two thirds of the
 * places to wait: however many come home, strangers get in.
 */
const HOME_TURNS = 2;
const HOME_SHARE = 2 / 3;

/**
 * Lets a fixed number of tasks run at once; suspects get half of the places, and the number that may
 * wait is bounded. Suspects come last, and within a rank the networks take turns: while others wait,
 * a network that runs a quarter of all tasks gets no further place.
 */
export class FairSemaphore {
	#free: number;
	#freeForSuspects: number;
	readonly #maxWaiting: number;
	/** How many tasks a network may run before others come first, and how many each is running. */
	readonly #share: number;
	readonly #running = new Map<string, number>();
	/** Turns of accounts at home since the last of a stranger. */
	#homeTurns = 0;
	readonly #queues: Readonly<Record<Rank, FairQueue<Turn>>> = {
		home: new FairQueue(),
		stranger: new FairQueue(),
		suspect: new FairQueue(),
	};

	constructor(permits: number, maxWaiting: number) {
		this.#free = permits;
		this.#freeForSuspects = Math.ceil(permits / 2);
		this.#maxWaiting = maxWaiting;
		this.#share = Math.ceil(permits / 4);
	}

	/**
	 * Runs `task` once its turn has come. If too many wait, the newest in the longest queue goes, of
	 * suspects first: throws QueueFull, perhaps only after the task has waited.
	 */
	async run<T>({ networks, rank }: Origin, task: () => Promise<T>): Promise<T> {
		const [network = ""] = networks;
		const turn: Turn = { ...Promise.withResolvers(), rank, network };
		this.#queues[rank].push(networks, turn);
		this.#startNext();
		if (this.#waiting > this.#maxWaiting) this.#dropLongest();
		await turn.promise;
		try {
			return await task();
		} finally {
			this.#free++;
			if (turn.rank === "suspect") this.#freeForSuspects++;
			const others = this.#runningIn(network) - 1;
			if (others > 0) this.#running.set(network, others);
			else this.#running.delete(network);
			this.#startNext();
		}
	}

	/** Makes suspects of a network's tasks that wait for their turn. */
	suspect(network: string): void {
		const { home, stranger, suspect } = this.#queues;
		for (const [networks, turn] of [...home.removeAll(network), ...stranger.removeAll(network)]) {
			turn.rank = "suspect";
			suspect.push(networks, turn);
		}
	}

	/**
	 * Whether a task may wait without any other having to go. Once half the places are taken, the rest
	 * is for networks of which nothing waits.
	 */
	hasRoomFor({ networks, rank }: Origin): boolean {
		const waiting = this.#waiting;
		if (waiting < this.#maxWaiting / 2) return true;
		return waiting < this.#maxWaiting && !this.#queues[rank].has(networks);
	}

	get #waiting(): number {
		const { home, stranger, suspect } = this.#queues;
		return home.length + stranger.length + suspect.length;
	}

	#startNext(): void {
		if (this.#free === 0) return;
		const next = this.#nextTurn();
		if (!next) return;
		this.#free--;
		this.#running.set(next.network, this.#runningIn(next.network) + 1);
		next.resolve();
	}

	#runningIn(network: string): number {
		return this.#running.get(network) ?? 0;
	}

	#nextTurn(): Turn | undefined {
		const { home, stranger, suspect } = this.#queues;
		const isBusy = (network: string): boolean => this.#runningIn(network) >= this.#share;
		if (this.#homeTurns < HOME_TURNS || stranger.length === 0) {
			const turn = home.shift(isBusy);
			if (turn) {
				this.#homeTurns++;
				return turn;
			}
		}
		this.#homeTurns = 0;
		const turn = stranger.shift(isBusy);
		if (turn || this.#freeForSuspects === 0) return turn;
		const last = suspect.shift(isBusy);
		if (last) this.#freeForSuspects--;
		return last;
	}

	#dropLongest(): void {
		const { home, stranger, suspect } = this.#queues;
		const isHomeOver = home.length > this.#maxWaiting * HOME_SHARE;
		const loser = suspect.dropLongest() ?? (isHomeOver ? home : stranger).dropLongest();
		loser?.reject(new QueueFull());
	}
}
