import { errorMessage } from "../../util/errors.ts";
import { StoreUnavailable } from "../storage/store-unavailable.ts";
import { MAX_BANS } from "./ban-file.ts";
import type { BanList } from "./ban-list.ts";
import { type BanKeeper, type BanVersion, nextVersion } from "./ban-record.ts";
import type { KnownBans } from "./known-bans.ts";

/** The bans of a room, as its log decides them. */
export interface RoomBans {
	readonly bans: ReadonlySet<string>;
	/** Null until the room has a list that outlives it. */
	readonly banVersion: BanVersion | null;
}

/** What the room is to learn. */
interface Edits {
	readonly begins?: BanVersion;
	readonly added: readonly string[];
	readonly removed: readonly string[];
}

interface SharedBansOptions {
	/** This server's file. */
	readonly bans: BanList;
	readonly known: KnownBans;
	readonly keeper: BanKeeper;
	/** For the operator's log. */
	readonly warn: (sentence: string) => void;
}

/**
 * Keeps three lists of bans alike, in a room of several servers: the room's, this server's file, which a
 * person may edit, and the record that outlives the room. Whether file or room has changed shows what
 * both knew before.
 */
export class SharedBans {
	readonly #options: SharedBansOptions;
	/** What a new room begins with; null until `open`. */
	#beginning: Edits | null = null;
	/** Whether this server's file has been compared with the room's list. */
	hasBegun = false;
	/** What was found to be the same. */
	#same: { readonly file: ReadonlySet<string>; readonly room: ReadonlySet<string> } | undefined;
	/** The version of the room's list that is kept in the record. */
	#kept: BanVersion | undefined;
	#isKeeping = false;

	constructor(options: SharedBansOptions) {
		this.#options = options;
	}

	/**
	 * Reads the record. Call it between the opening of the room's log and the first login: the room before
	 * has kept its bans by then. Throws StoreUnavailable.
	 */
	async open(): Promise<void> {
		const record = await this.#options.keeper.load();
		const added = record?.accounts ?? [];
		this.#beginning = { begins: nextVersion(record), added, removed: [] };
	}

	/** Gives the file and the record what the room has changed, and returns what the file has. */
	update({ bans, banVersion }: RoomBans): Edits | null {
		if (!banVersion) return this.#beginning;
		this.hasBegun = true;
		if (this.#kept !== banVersion && !this.#isKeeping) void this.#tryToKeep(bans, banVersion);
		const { inFile } = this.#options.bans;
		if (this.#same?.file === inFile && this.#same.room === bans) return null;
		const edits = this.#merge(bans, banVersion);
		if (edits.added.length + edits.removed.length > 0) return edits;
		this.#same = { file: this.#options.bans.inFile, room: bans };
		return null;
	}

	/** Makes the record as new as the room. Throws StoreUnavailable. */
	async keep({ bans, banVersion }: RoomBans): Promise<void> {
		if (!banVersion || this.#kept === banVersion) return;
		await this.#options.keeper.save({ ...banVersion, accounts: [...bans] });
		this.#kept = banVersion;
	}

	/** Every server of the room does so, as any of them may be killed meanwhile. */
	async #tryToKeep(bans: ReadonlySet<string>, banVersion: BanVersion): Promise<void> {
		this.#isKeeping = true;
		try {
			await this.keep({ bans, banVersion });
		} catch (error) {
			// The next update tries again.
			if (!(error instanceof StoreUnavailable)) this.#options.warn(errorMessage(error));
		} finally {
			this.#isKeeping = false;
		}
	}

	#merge(room: ReadonlySet<string>, version: BanVersion): Edits {
		const known = this.#options.known.of(version);
		const { changes, edits } = this.#compare(room, known);
		const lifted = new Set(changes.keys().filter((account) => changes.get(account) === false));
		const before = (known ?? NOBODY).difference(lifted);
		// First, so that a crash in between makes no later ban look like one that was lifted by hand.
		if (known) this.#options.known.save(version, before);
		this.#write(changes);
		const { inFile } = this.#options.bans;
		const differing = inFile.symmetricDifference(room);
		const agreed = room.intersection(inFile).union(differing.intersection(before));
		this.#options.known.save(version, agreed);
		return edits;
	}

	/** What the room has changed, and the file; `known` is null if they have never agreed. */
	#compare(
		room: ReadonlySet<string>,
		known: ReadonlySet<string> | null,
	): { changes: ReadonlyMap<string, boolean>; edits: Edits } {
		const file = this.#options.bans;
		const [added, removed]: [string[], string[]] = [[], []];
		const changes = new Map<string, boolean>();
		for (const account of new Set(file).symmetricDifference(room)) {
			const isBanned = room.has(account);
			// Of two lists that have nothing in common yet, every ban holds.
			const isByHand = known ? known.has(account) === isBanned : !isBanned;
			if (!isByHand) changes.set(account, isBanned);
			else if (!isBanned) added.push(account);
			// Nobody can tell whom a line that cannot be read bans.
			else if (file.isWhole) removed.push(account);
		}
		const places = Math.max(0, MAX_BANS - room.size);
		return { changes, edits: { added: added.slice(0, places), removed } };
	}

	#write(changes: ReadonlyMap<string, boolean>): void {
		if (changes.size === 0) return;
		try {
			this.#options.bans.change(changes);
		} catch (error) {
			this.#options.warn(errorMessage(error));
		}
	}
}

const NOBODY: ReadonlySet<string> = new Set();
