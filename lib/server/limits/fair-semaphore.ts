import { ChatError } from "../../util/errors.ts";
import { FairQueue } from "./fair-queue.ts";

/** The limit on waiting tasks is reached. */
export class QueueFull extends ChatError {
	constructor() {
		super("queue_full", "Too many tasks are already waiting for their turn.");
	}
}

/** The order of service: accounts where they were proved before, others, recent wrong logins. */
type Rank = "home" | "stranger" | "suspect";

/** Where a task comes from. */
export interface Origin {
	/** The networks it comes from, the largest first. */
	readonly networks: readonly string[];
	readonly rank: Rank;
}

/** A task's turn; what has been a stranger's may become a suspect's while it waits. */
interface Turn extends PromiseWithResolvers<void> {
	rank: Rank;
}

/**
 * Lets a fixed number of tasks run at once, of suspects half as many; a bounded number may wait. They
 * are served by rank, and within a rank the networks take turns.
 */
export class FairSemaphore {
	#free: number;
	#freeForSuspects: number;
	readonly #maxWaiting: number;
	readonly #queues: Readonly<Record<Rank, FairQueue<Turn>>> = {
		home: new FairQueue(),
		stranger: new FairQueue(),
		suspect: new FairQueue(),
	};

	constructor(permits: number, maxWaiting: number) {
		this.#free = permits;
		this.#freeForSuspects = Math.ceil(permits / 2);
		this.#maxWaiting = maxWaiting;
	}

	/**
	 * Runs `task` once its turn has come. If too many wait, the newest in the longest queue of the last
	 * rank goes: throws QueueFull, perhaps only after the task has waited.
	 */
	async run<T>({ networks, rank }: Origin, task: () => Promise<T>): Promise<T> {
		const turn: Turn = { ...Promise.withResolvers(), rank };
		this.#queues[rank].push(networks, turn);
		this.#startNext();
		if (this.#waiting > this.#maxWaiting) this.#dropLongest();
		await turn.promise;
		try {
			return await task();
		} finally {
			this.#free++;
			if (turn.rank === "suspect") this.#freeForSuspects++;
			this.#startNext();
		}
	}

	/** Makes suspects of the strangers of a network who wait for their turn. */
	suspect(network: string): void {
		for (const [networks, turn] of this.#queues.stranger.removeAll(network)) {
			turn.rank = "suspect";
			this.#queues.suspect.push(networks, turn);
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
		const { home, stranger, suspect } = this.#queues;
		if (this.#free === 0) return;
		let next = home.shift() ?? stranger.shift();
		if (!next && this.#freeForSuspects > 0) {
			next = suspect.shift();
			if (next) this.#freeForSuspects--;
		}
		if (!next) return;
		this.#free--;
		next.resolve();
	}

	#dropLongest(): void {
		const { home, stranger, suspect } = this.#queues;
		const loser = suspect.dropLongest() ?? stranger.dropLongest() ?? home.dropLongest();
		loser?.reject(new QueueFull());
	}
}
