import type { KeptVisit } from "../../client/chat/ui.ts";
import type { TranscriptItem } from "../../client/transcript/transcript-item.ts";
import type { JsonStorage } from "./storage.ts";

/** What a reloaded page goes on with. */
export interface PageState extends KeptVisit {
	readonly draft: string;
	/** The latest part of the transcript. */
	readonly items: readonly TranscriptItem[];
}

/** As it is stored. */
interface Stored {
	readonly id: string;
	/** The script that stored it: another may show other items. */
	readonly script: string;
	readonly state: PageState;
}

const NAME = "visit";
const SCRIPT = import.meta.url;
const LOCK = "fernet-chat-visit-";
/** Milliseconds for the page that was reloaded to let go of its visit. */
const LOCK_TIME = 1500;
/** JSON's characters for the transcript. A browser keeps about five million in all. */
const MAX_ITEM_CHARS = 512 * 1024;

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

	/**
	 * What this tab had before it was reloaded; null if that is nothing, or another tab has it. It stays
	 * stored, because the page may be reloaded again before it goes on with it.
	 */
	async take(): Promise<PageState | null> {
		const { id, script, state } = this.#storage.read(NAME) as Partial<Stored>;
		if (!id || !state) return null;
		if (await this.#lock(id)) return script === SCRIPT ? state : { ...state, items: [] };
		this.#storage.remove(NAME);
		return null;
	}

	async begin(): Promise<void> {
		if (this.#id === "") await this.#lock(crypto.randomUUID());
	}

	/** Keeps it, without the transcript if there is too much besides. */
	save(state: PageState): void {
		// Session key and room key are in memory alone.
		const welcome = { ...state.welcome, key: "" };
		const store = (items: readonly TranscriptItem[]): boolean =>
			this.#storage.write(NAME, {
				...{ id: this.#id, script: SCRIPT, state: { ...state, welcome, items } },
			});
		if (!store(latest(state.items))) store([]);
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
function latest(items: readonly TranscriptItem[]): readonly TranscriptItem[] {
	let chars = 0;
	const tooEarly = items.findLastIndex((item) => {
		chars += JSON.stringify(item).length;
		return chars > MAX_ITEM_CHARS;
	});
	return items.slice(tooEarly + 1);
}
