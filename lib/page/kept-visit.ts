import type { KeptVisit } from "../client/chat/ui.ts";
import type { TranscriptItem } from "../client/transcript/transcript-item.ts";
import type { JsonStorage } from "./storage.ts";

/** What a reloaded page goes on with. */
export interface PageState extends KeptVisit {
	readonly draft: string;
	/** The latest part of the transcript. */
	readonly items: readonly TranscriptItem[];
}

const NAME = "visit";
const LOCK = "fernet-chat-visit-";
/** Milliseconds for the page that was reloaded to let go of its visit. */
const LOCK_TIME = 1500;

/**
 * The visit of this tab. The browser copies it into a duplicated tab: a lock tells which of the two
 * has it, and the other one logs in anew.
 */
export class VisitStore {
	readonly #storage: JsonStorage;
	#id = "";

	constructor(storage: JsonStorage) {
		this.#storage = storage;
	}

	/** What this tab had before it was reloaded; null if that is nothing, or another tab has it. */
	async take(): Promise<PageState | null> {
		const { id, state } = this.#storage.read(NAME) as { id?: string; state?: PageState };
		this.#storage.remove(NAME);
		if (!id || !state || !(await this.#lock(id))) return null;
		return state;
	}

	async begin(): Promise<void> {
		if (this.#id === "") await this.#lock(crypto.randomUUID());
	}

	save(state: PageState): void {
		this.#storage.write(NAME, { id: this.#id, state });
	}

	clear(): void {
		this.#storage.remove(NAME);
	}

	/** Holds a lock for as long as this page is there. False if another tab holds it. */
	#lock(id: string): Promise<boolean> {
		const { promise, resolve } = Promise.withResolvers<boolean>();
		const signal = AbortSignal.timeout(LOCK_TIME);
		navigator.locks
			.request(LOCK + id, { signal }, () => {
				this.#id = id;
				resolve(true);
				return new Promise(() => {});
			})
			.catch(() => resolve(false));
		return promise;
	}
}
