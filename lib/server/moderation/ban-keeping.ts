import { ChatError } from "../../util/errors.ts";
import type { BanList } from "../accounts/ban-list.ts";
import type { SharedBans } from "../accounts/shared-bans.ts";
import type { RoomControls } from "../room/room-controls.ts";
import type { BanEdits } from "../room-log/entry.ts";
import type { RoomState } from "../room-state/room-state.ts";

export interface BanKeepingOptions {
	readonly bans: BanList;
	/** Keeps the bans alike in all servers of the room; absent if there is one. */
	readonly sharedBans?: SharedBans | undefined;
	/** Writes a warning to the operator's log. */
	readonly warn: (sentence: string) => void;
}

/** Gives the ban list's file what owners change in the room, and the room what a person changes in the file. */
export class BanKeeping {
	readonly #options: BanKeepingOptions;
	/** Accounts whose bans, or their ends, this server has given to the file. */
	readonly #saved = new Set<string>();

	constructor(options: BanKeepingOptions) {
		this.#options = options;
	}

	/** What the file and the room do not know of each other, if there is something. */
	edits(state: RoomState): BanEdits | null {
		const { sharedBans: shared } = this.#options;
		if (!shared) return this.#ownEdits(state);
		const edits = shared.update(state);
		return edits && { ...edits, saved: [] };
	}

	/** Whether a change of the bans was saved. The change holds either way. */
	set({ state, isLive }: RoomControls, account: string, isBanned: boolean): boolean {
		state.setBan(account, isBanned);
		// What happened before this server began is saved, or will be: see `edits`.
		if (!isLive) return true;
		const { sharedBans: shared, bans } = this.#options;
		if (!shared || !state.banVersion) return this.#trySaving(account, isBanned);
		// What a person has changed meanwhile, it finds again.
		shared.update(state);
		return bans.inFile.has(account) === isBanned;
	}

	#ownEdits({ bans, unsavedBans }: RoomState): BanEdits | null {
		const saved = Array.from(unsavedBans)
			.filter((change) => this.#isSaved(...change))
			.map(([account]) => account);
		for (const account of saved) this.#saved.delete(account);
		const edits = this.#options.bans.editsOf(bans);
		if (saved.length === 0 && !edits) return null;
		return { added: [], removed: [], ...edits, saved };
	}

	/**
	 * Whether the file has what owners changed. What an earlier server did not come to save is saved
	 * now: once, as from then on the list itself does what it can.
	 */
	#isSaved(account: string, isBanned: boolean): boolean {
		const { bans } = this.#options;
		if (bans.inFile.has(account) === isBanned) return true;
		if (this.#saved.has(account)) return false;
		this.#trySaving(account, isBanned);
		return bans.inFile.has(account) === isBanned;
	}

	#trySaving(account: string, isBanned: boolean): boolean {
		this.#saved.add(account);
		try {
			if (isBanned) this.#options.bans.add(account);
			else this.#options.bans.delete(account);
			return true;
		} catch (error) {
			if (!(error instanceof ChatError)) throw error;
			this.#options.warn(error.message);
			return false;
		}
	}
}
