import type { TranscriptItem } from "../../client/transcript/transcript-item.ts";
import { type PageState, readPageState } from "./page-state.ts";
import type { JsonStorage } from "./storage.ts";

export type VisitStorage = Pick<JsonStorage, "read" | "write" | "remove">;

const NAME = "visit";
const SCRIPT = import.meta.url;
const LOCK = "fernet-chat-visit-";
/** Milliseconds for the page that was reloaded to let go of its visit. */
const LOCK_TIME = 1500;

/**
 * The visit of this tab. The browser copies it into a duplicated tab: a lock tells which of the two
 * has it, and the other one logs in anew.
 */
export class VisitStore {
	readonly #storage: VisitStorage;
	readonly #maxChars: number;
	#id = "";

	/** `maxChars`: JSON's characters for the transcript. */
	constructor(storage: VisitStorage, maxChars: number) {
		this.#storage = storage;
		this.#maxChars = maxChars;
	}

	/**
	 * What this tab had before it was reloaded; null if that is nothing, or another tab has it. It stays
	 * stored, because the page may be reloaded again before it goes on with it.
	 */
	async take(): Promise<PageState | null> {
		const { id, script, state: stored } = this.#storage.read(NAME);
		const state = readPageState(stored);
		// Another version of this script may show other items.
		const isOwn = script === SCRIPT;
		if (state && typeof id === "string" && (await this.#lock(id))) {
			return isOwn ? state : { ...state, items: [] };
		}
		this.clear();
		return null;
	}

	async begin(): Promise<void> {
		if (this.#id === "") await this.#lock(crypto.randomUUID());
	}

	/** Keeps it, without the transcript if there is too much besides. */
	save(state: PageState): void {
		// Session key and room key are in memory alone, and what logs a device in is kept apart.
		const welcome = { ...state.welcome, key: undefined, device: undefined };
		const store = (items: readonly TranscriptItem[]): boolean => {
			const stored = { ...state, welcome, items };
			return this.#storage.write(NAME, { id: this.#id, script: SCRIPT, state: stored });
		};
		if (!store(latest(state.items, this.#maxChars))) store([]);
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

/** As many of the latest items as there is room for. */
function latest(items: readonly TranscriptItem[], maxChars: number): readonly TranscriptItem[] {
	let chars = 0;
	const tooEarly = items.findLastIndex((item) => {
		chars += JSON.stringify(item).length;
		return chars > maxChars;
	});
	return items.slice(tooEarly + 1);
}
