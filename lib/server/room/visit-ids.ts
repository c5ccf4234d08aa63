import { shortId } from "../../util/random-id.ts";

/** Characters that tell this room's visits from those of the room before a restart. */
const PREFIX = 3;

/** Makes the ids of one room's visits: short, because every member is told all of them. */
export class VisitIds {
	readonly #prefix = shortId().slice(0, PREFIX);
	#count = 0;

	next(): string {
		return this.#prefix + (this.#count++).toString(36);
	}
}
