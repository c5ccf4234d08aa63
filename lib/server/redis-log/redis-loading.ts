import { shortId } from "../../util/random-id.ts";
import { InvalidToken } from "../../wire/crypto/fernet-rules.ts";
import { unusable } from "../room-log/unusable.ts";
import { LogCursor, newer } from "./log-cursor.ts";
import type { PageSize } from "./page-size.ts";
import type { Item, RedisStream } from "./redis-stream.ts";
import { type StoredSnapshot, VERSION } from "./stored-record.ts";

/** A room as Redis holds it: a snapshot, if there is one, and the records since. */
export interface LoadedRoom {
	/** At the snapshot. */
	readonly cursor: LogCursor;
	readonly snapshot: StoredSnapshot | null;
	readonly items: readonly Item[];
}

/**
 * Reads the room, or begins one where there is none. `runId` is that of Redis now. Throws RedisGone,
 * also if a page was too large to arrive, RedisRefusal and ChatError `room_log_unusable`.
 */
export async function loadRoom(
	stream: RedisStream,
	runId: string,
	pages: PageSize,
): Promise<LoadedRoom> {
	try {
		for (;;) {
			const loaded = await tryToLoad(stream, runId, pages);
			if (loaded) return loaded;
		}
	} catch (error) {
		if (!(error instanceof InvalidToken)) throw error;
		throw unusable(
			"The room in Redis is sealed with another key, or damaged. Copy the key file of the room's other servers, or choose another database.",
			error,
		);
	}
}

/** Null if a newer snapshot has taken the place of what we read, or the room has ended. */
async function tryToLoad(
	stream: RedisStream,
	runId: string,
	pages: PageSize,
): Promise<LoadedRoom | null> {
	const found = await stream.snapshot();
	if (found && !(await stream.has(found.id))) {
		// There is a newer one, or its room has ended.
		await stream.dropSnapshot(found.id);
		return null;
	}
	// Does nothing if there is a room already.
	if (!found) await stream.begin({ v: VERSION, room: shortId(), entries: [] });
	const snapshot = found?.snapshot ?? null;
	const items = await readAll(stream, found?.id ?? "0-0", pages);
	// Where we began is gone, or may be, so what came after it may have been dropped before we read it.
	const isWhole = found ? await stream.has(found.id) : (await stream.snapshotId()) === null;
	const last = items.at(-1)?.id ?? found?.id;
	if (!isWhole || last === undefined) return null;
	const first = snapshot ?? items[0]?.record;
	if (first && first.v > VERSION) throw newer();
	// Further on, what does not open is nobody's.
	if (!first) throw new InvalidToken();
	const { room } = first;
	// Another room's servers may have written here, too.
	const records = items.flatMap(({ record }) => (record?.room === room ? [record] : []));
	// If Redis may have lost any, it may have lost some after the last.
	const { run = runId } = records.at(-1) ?? snapshot ?? {};
	const isOver = records.some((record) => record.isOver) || run !== runId;
	if (isOver || (await stream.isEnding())) {
		await stream.remove(last);
		return null;
	}
	const cursor = snapshot ? new LogCursor(room, found?.id, snapshot) : new LogCursor(room);
	return { cursor, snapshot, items };
}

/** All items after an id. */
async function readAll(stream: RedisStream, after: string, pages: PageSize): Promise<Item[]> {
	const items: Item[] = [];
	for (;;) {
		const last = items.at(-1)?.id ?? after;
		const page = await pages.read(() => stream.readNow(last, pages));
		items.push(...page);
		// While others write, there may always be one more.
		if (page.length < pages.count) return items;
	}
}
