import { systemClocks } from "../../util/clock.ts";
import { awayText } from "../transcript/notices.ts";
import type { Conversation } from "./conversation.ts";
import type { Recipient } from "./visits.ts";

/** Says when the reader of a private message is away, once for each absence. */
export class AbsenceNotes {
	readonly #conversation: Pick<Conversation, "visits" | "note">;
	/** The absence that was noted last. */
	#noted = "";

	constructor(conversation: Pick<Conversation, "visits" | "note">) {
		this.#conversation = conversation;
	}

	/** Call when a private message is on its way to this member. */
	sending({ name, visit }: Recipient): void {
		const since = this.#conversation.visits.awaySince({ name, visit });
		const absence = `${visit} ${since}`;
		if (since === undefined || absence === this.#noted) return;
		this.#noted = absence;
		this.#conversation.note(awayText(name, since, systemClocks.wallNow()));
	}
}
