import type { Fernet } from "../../wire/crypto/fernet.ts";
import type { Entry } from "../room-log/entry.ts";
import type { Stamp } from "../room-log/room-log.ts";

// What the tokens hold that Redis keeps of a room.

/** Beyond the newest that we understand, a newer release has written. */
export const VERSION = 1;

/** What one server adds in one step. */
export interface StoredRecord {
	readonly v: number;
	/** Random for each room: the next one in the same Redis has another. */
	readonly room: string;
	readonly entries: readonly Entry[];
	/**
	 * The start of a Redis that may have forgotten something when it is started again: then nobody
	 * goes on with this room.
	 */
	readonly run?: string | undefined;
	/** A server has found that Redis went back: nobody goes on with this room. */
	readonly isOver?: true;
}

export interface StoredSnapshot {
	readonly v: number;
	readonly room: string;
	readonly stamp: Stamp;
	readonly state: unknown;
	/** As in a record. */
	readonly run?: string | undefined;
}

/** Whether a value has the shape of a record, or may be one of a newer release. */
export function isRecord(value: unknown): value is StoredRecord {
	const { v, room, entries } = Object(value);
	if (!Number.isSafeInteger(v)) return false;
	return (
		v > VERSION || (typeof room === "string" && Array.isArray(entries) && entries.every(isEntry))
	);
}

function isEntry(value: unknown): boolean {
	const { server, n, changes } = Object(value);
	return typeof server === "string" && Number.isSafeInteger(n) && Array.isArray(changes);
}

/** Seals once what can be sent again. */
export const sealed = (fernet: Fernet, value: StoredRecord | StoredSnapshot): string =>
	fernet.encrypt(JSON.stringify(value));
