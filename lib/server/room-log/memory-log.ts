import type { Entry } from "./entry.ts";
import type { LogClock } from "./log-clock.ts";
import type { LogReader, RoomLog } from "./room-log.ts";

/** Keeps nothing: an entry has its place as soon as it is made, and the room ends with its server. */
export class MemoryLog implements RoomLog {
	readonly outlivesServer = false;
	readonly isAlone = true;
	readonly maxStep = Number.POSITIVE_INFINITY;
	readonly isReachable = true;
	readonly #clock: LogClock;
	#reader: LogReader | null = null;

	constructor(clock: LogClock) {
		this.#clock = clock;
	}

	open(reader: LogReader): void {
		this.#reader = reader;
	}

	append(entry: Entry): boolean {
		if (this.#reader === null) return false;
		this.#reader.apply(entry, this.#clock.stamp());
		return true;
	}

	whenCurrent(action: () => void): void {
		action();
	}

	close(): void {
		this.#reader = null;
	}

	remove(): void {
		this.close();
	}
}
