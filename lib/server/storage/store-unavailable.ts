import { ChatError } from "../../util/errors.ts";

/** What is kept elsewhere cannot be read or changed for now: nothing was decided, and it may work later. */
export class StoreUnavailable extends ChatError {
	constructor(cause: unknown) {
		super("store_unavailable", "What is kept elsewhere is out of reach.", { cause });
	}
}
