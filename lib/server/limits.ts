import { ChatError } from "../wire/errors.ts";

/** How much anyone may ask of the server. Times in milliseconds, sizes in bytes. */
export interface Limits {
	/** Members in the room, those whose login is under way not counted. */
	members: number;
	/** Connections that have not logged in yet; one more is told so and closed. */
	strangers: number;
	/** From connecting to the hello line, and from there to the key file. */
	helloTime: number;
	keyTime: number;
	/** From the key to the first token. */
	loginTime: number;
	/** For Gmail's whole answer, however it drips. */
	gmailTime: number;
	/** Gmail checks at once, and how many more may wait for their turn. */
	gmailChecks: number;
	gmailQueue: number;
	/** Waiting for one member to read: a slow reader beyond it is disconnected. */
	queueBytes: number;
	/** What the room remembers of itself. */
	logEvents: number;
	logBytes: number;
}

export const LIMITS: Limits = {
	members: 1000,
	strangers: 256,
	helloTime: 10_000,
	keyTime: 10_000,
	loginTime: 10_000,
	gmailTime: 20_000,
	gmailChecks: 8,
	gmailQueue: 64,
	queueBytes: 8 * 1024 * 1024,
	logEvents: 10_000,
	logBytes: 8 * 1024 * 1024,
};

/** A number of places, and a bounded queue of those who wait for one. */
export class Slots {
	#free: number;
	readonly #queue: number;
	readonly #waiting: (() => void)[] = [];

	constructor(places: number, queue: number) {
		this.#free = places;
		this.#queue = queue;
	}

	/** Runs `task` when there is a place. Throws ChatError `busy` when the queue is full. */
	async run<T>(task: () => Promise<T>): Promise<T> {
		if (this.#free > 0) this.#free--;
		else if (this.#waiting.length < this.#queue) {
			await new Promise<void>((resolve) => this.#waiting.push(resolve));
		} else {
			throw new ChatError("busy", "too many logins are being checked; try again in a minute");
		}
		try {
			return await task();
		} finally {
			const next = this.#waiting.shift();
			if (next) next();
			else this.#free++;
		}
	}
}
