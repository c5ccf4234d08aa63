import type { RoomEvent } from "../wire/messages.ts";

interface Entry {
	event: RoomEvent;
	/** Of a `said` event: its author and id, one word. */
	receipt: string | undefined;
	bytes: number;
}

/** What an event costs beside its text, roughly: the log's bound is one of memory, not of text. */
const OVERHEAD = 256;

/** The room's recent events, oldest dropped first, and by them which ids were said already. */
export class EventLog {
	readonly #maxEvents: number;
	readonly #maxBytes: number;
	/** A queue: what is before `#first` has been dropped and is cut off now and then. */
	#entries: Entry[] = [];
	#first = 0;
	#bytes = 0;
	readonly #receipts = new Set<string>();

	constructor(maxEvents: number, maxBytes: number) {
		this.#maxEvents = maxEvents;
		this.#maxBytes = maxBytes;
	}

	append(event: RoomEvent, account: string): void {
		const said = event.type === "said";
		const receipt = said ? receiptOf(account, event.id) : undefined;
		const bytes = OVERHEAD + (said ? event.text.length * 2 : 0);
		this.#entries.push({ event, receipt, bytes });
		if (receipt !== undefined) this.#receipts.add(receipt);
		this.#bytes += bytes;
		while (this.#entries.length - this.#first > this.#maxEvents || this.#bytes > this.#maxBytes) {
			this.#drop();
		}
	}

	/** Whether the account's message of this id is among what is remembered. */
	hasSaid(account: string, id: string): boolean {
		return this.#receipts.has(receiptOf(account, id));
	}

	#drop(): void {
		const oldest = this.#entries[this.#first++];
		if (!oldest) return;
		if (oldest.receipt !== undefined) this.#receipts.delete(oldest.receipt);
		this.#bytes -= oldest.bytes;
		if (this.#first * 2 > this.#entries.length) {
			this.#entries = this.#entries.slice(this.#first);
			this.#first = 0;
		}
	}
}

/** An account holds no space, so two parts make one word of which nobody else has the like. */
const receiptOf = (account: string, id: string): string => `${account} ${id}`;
