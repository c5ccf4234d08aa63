import { type Clocks, withoutStepsBack } from "../../util/clock.ts";
import type { Entry } from "./entry.ts";
import type { LogReader, RoomLog } from "./room-log.ts";

/** The order of one server's entries, in its memory alone: the conversation ends with the server. */
export class MemoryLog implements RoomLog {
	readonly outlivesServer = false;
	readonly #clocks: Clocks;
	#reader: LogReader | undefined;

	constructor(clocks: Clocks) {
		this.#clocks = withoutStepsBack(clocks);
	}

	open(reader: LogReader): void {
		this.#reader = reader;
	}

	append(entry: Entry): boolean {
		const { now, wallNow } = this.#clocks;
		this.#reader?.apply(entry, { at: wallNow(), time: now() });
		return true;
	}

	close(): void {}

	remove(): void {}
}
