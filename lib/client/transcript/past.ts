import type { SequencedEvent } from "../../wire/messages/events.ts";
import type { Membership } from "../net/membership.ts";
import type { MoveCollapser } from "./move-collapser.ts";
import { isOwnerEvent } from "./owner-events.ts";
import type { TranscriptItem } from "./transcript-item.ts";

interface PastOptions {
	readonly membership: Pick<Membership, "welcome">;
	readonly moves: MoveCollapser;
	/** Milliseconds since 1970. */
	readonly wallNow: () => number;
	/** Prints what others wrote or did. */
	readonly show: (item: TranscriptItem) => void;
	readonly note: (text: string) => void;
}

/**
 * Shows what happened before we joined, between two notes that say so. It changes nothing else: the
 * names in it may be other people's by now.
 */
export class Past {
	readonly #options: PastOptions;
	#hasBegun = false;

	constructor(options: PastOptions) {
		this.#options = options;
	}

	/** Call at the beginning of another visit, to which something else is the past. */
	restart(): void {
		this.#hasBegun = false;
	}

	receive(event: SequencedEvent): void {
		const { membership, note } = this.#options;
		if (!this.#isOurJoining(event)) {
			if (!this.#hasBegun) note(`What was said before you joined${this.#since(event.at)}:`);
			this.#hasBegun = true;
			this.#show(event);
		}
		if (this.#hasBegun && event.seq === membership.welcome.history?.until) note("You joined here.");
	}

	#isOurJoining(event: SequencedEvent): boolean {
		if (event.type !== "joined") return false;
		const { name, members } = this.#options.membership.welcome;
		return members.some(([member, visit]) => member === name && visit === event.visit);
	}

	/** The day of the first line, unless it is today: the lines themselves give only the time. */
	#since(at: number): string {
		const day = new Date(at);
		if (day.toDateString() === new Date(this.#options.wallNow()).toDateString()) return "";
		return `, since ${day.toLocaleDateString(undefined, { dateStyle: "full" })}`;
	}

	#show(event: SequencedEvent): void {
		const { moves, show } = this.#options;
		if (isOwnerEvent(event)) return show({ kind: "owner", event });
		if (event.type === "joined" || event.type === "left") return moves.add(event);
		show(event.type === "said" ? { kind: "said", message: event } : { kind: "presence", event });
	}
}
