import { ChatError, errorMessage } from "../../util/errors.ts";
import { formatRedisUrl } from "../redis/redis-address.ts";
import { RedisGone, RedisRefusal } from "../redis/redis-connection.ts";
import type { Entry } from "../room-log/entry.ts";
import type { LogReader, RoomLog } from "../room-log/room-log.ts";
import { unusable } from "../room-log/unusable.ts";
import { LogBarriers } from "./log-barriers.ts";
import { LogCompactor } from "./log-compactor.ts";
import { type LogCursor, MAX_STEP, wentBack } from "./log-cursor.ts";
import { OutgoingRecords } from "./outgoing-records.ts";
import type { PageSize } from "./page-size.ts";
import { type DialerOptions, isPassing, type KnownRedis, RedisDialer } from "./redis-dialer.ts";
import { RedisLink } from "./redis-link.ts";
import { type LoadedRoom, loadRoom } from "./redis-loading.ts";
import { type StoredSnapshot, sealed, VERSION } from "./stored-record.ts";

interface RedisLogOptions extends DialerOptions {
	/** Bytes of records after which a snapshot takes their place. */
	readonly maxBytes: number;
	readonly pages: PageSize;
	/** Called when the room has ended because of what is in Redis, or what no longer is. */
	readonly onFailure: (error: ChatError) => void;
}

/** Milliseconds without an answer after which Redis counts as out of reach: a read takes two seconds. */
const REACH_TIME = 6000;
/** Milliseconds before we try again to reach Redis: at first, and at most. */
const RETRY_AFTER = { min: 100, max: 2000 };
/** Milliseconds after a start of Redis in which every server has reached it again, if it can. */
const SETTLE_TIME = 3000;
/** Milliseconds that a server which stops gives Redis to take its last words. */
const CLOSE_TIME = 2000;

/** Keeps a room in a Redis stream, which any number of servers read and write. */
export class RedisLog implements RoomLog {
	readonly outlivesServer = true;
	readonly isAlone = false;
	readonly maxStep = MAX_STEP;
	readonly #options: RedisLogOptions;
	readonly #outgoing: OutgoingRecords;
	#reader: LogReader | null = null;
	#loaded: LoadedRoom | null;
	#cursor: LogCursor;
	/** Null while Redis is out of reach. */
	#link: RedisLink | null;
	/** Resolves when there is something to write or to ask. */
	#wake = Promise.withResolvers<void>();
	readonly #dialer: RedisDialer;
	#retryAfter: number = RETRY_AFTER.min;
	/** When Redis answered a read last, in monotonic milliseconds. */
	#readAt = performance.now();
	readonly #barriers = new LogBarriers();
	readonly #compactor: LogCompactor;
	readonly #drained = Promise.withResolvers<void>();
	#isClosing = false;
	#isClosed = false;

	constructor(options: RedisLogOptions, link: RedisLink, isDurable: boolean, loaded: LoadedRoom) {
		this.#options = options;
		this.#outgoing = new OutgoingRecords(options.fernet);
		this.#link = link;
		this.#dialer = new RedisDialer(options, link, isDurable);
		this.#loaded = loaded;
		this.#cursor = loaded.cursor;
		this.#compactor = new LogCompactor({
			maxBytes: options.maxBytes,
			getCursor: () => this.#cursor,
			takeSnapshot: () => this.#takeSnapshot(),
		});
	}

	get isReachable(): boolean {
		return performance.now() - this.#readAt < REACH_TIME;
	}

	open(reader: LogReader): void {
		this.#reader = reader;
		if (this.#loaded) this.#take(this.#loaded);
		this.#loaded = null;
		void this.#run();
	}

	append(entry: Entry): boolean {
		if (this.#reader === null || this.#isClosing || !this.#outgoing.add(entry)) return false;
		this.#wake.resolve();
		return true;
	}

	whenCurrent(action: () => void): void {
		this.#barriers.add(action);
		this.#wake.resolve();
	}

	async close(): Promise<void> {
		this.#isClosing = true;
		this.#wake.resolve();
		const timer = setTimeout(() => this.#drained.resolve(), CLOSE_TIME);
		if (this.#reader && !this.#isClosed) await this.#drained.promise;
		clearTimeout(timer);
		this.#end();
	}

	async remove(): Promise<void> {
		const { address, fernet, warn } = this.#options;
		this.#isClosing = true;
		try {
			// Not the one in use, which may be dialled anew at this moment.
			using link = await RedisLink.open(address, fernet);
			await link.writer.end(this.#cursor.id);
		} catch (error) {
			if (!isPassing(error)) throw error;
			warn(
				`The room has ended, but could not be deleted from ${this.#place}. The next server deletes it.`,
			);
		}
		this.#end();
	}

	#end(): void {
		this.#isClosing = true;
		this.#isClosed = true;
		this.#link?.[Symbol.dispose]();
	}

	get #place(): string {
		return formatRedisUrl(this.#options.address);
	}

	#take({ cursor, snapshot, items }: LoadedRoom): void {
		this.#cursor = cursor;
		if (snapshot) this.#reader?.restore(snapshot.state);
		for (const item of items) this.#apply(item);
	}

	#apply(item: LoadedRoom["items"][number]): void {
		for (const entry of this.#cursor.advance(item)) {
			this.#reader?.apply(entry, this.#cursor.stamp);
		}
	}

	/** Until the log is closed, over one link after another. */
	async #run(): Promise<void> {
		while (!this.#isClosed) {
			try {
				this.#link ??= await this.#dialer.dial((...dialled) => this.#assertGoesOn(...dialled));
				await this.#use(this.#link);
			} catch (error) {
				if (!isPassing(error)) return this.#fail(error);
				// Why there is no connection, the dialer finds out.
				if (error instanceof RedisRefusal) await this.#dialer.report(error);
			}
			this.#link = null;
			await Bun.sleep(this.#retryAfter);
			this.#retryAfter = Math.min(2 * this.#retryAfter, RETRY_AFTER.max);
		}
	}

	async #use(link: RedisLink): Promise<void> {
		// Closed while it was dialled.
		if (this.#isClosed) return link[Symbol.dispose]();
		void link.ended.then(() => this.#wake.resolve());
		const loops = [this.#read(link), this.#write(link)];
		try {
			await Promise.race([...loops, this.#watch(link)]);
		} finally {
			link[Symbol.dispose]();
			await Promise.allSettled(loops);
		}
	}

	async #read({ reader }: RedisLink): Promise<void> {
		const { pages } = this.#options;
		for (;;) {
			const { id } = this.#cursor;
			const begun = performance.now();
			const read = () => Promise.all([reader.read(id, pages), reader.has(id)]);
			const [items, isThere] = await pages.read(read);
			this.#readAt = performance.now();
			pages.arrived(this.#readAt - begun);
			// What came between is gone, too, perhaps.
			if (!isThere) throw new RedisGone();
			for (const item of items) this.#apply(item);
			this.#compactor.notice();
			this.#barriers.release(this.#cursor);
		}
	}

	/** One record after the other: if one failed, a later one must not be there before it. */
	async #write(link: RedisLink): Promise<void> {
		while (!link.isEnded) {
			this.#wake = Promise.withResolvers();
			await this.#barriers.ask(link.writer);
			this.#barriers.release(this.#cursor);
			const token = this.#outgoing.next(this.#cursor.room, this.#dialer.run);
			if (token === null) {
				if (this.#isClosing) this.#drained.resolve();
				await this.#wake.promise;
			} else {
				if ((await link.writer.append(token)) === null) throw new RedisGone();
				this.#outgoing.written();
				this.#retryAfter = RETRY_AFTER.min;
				this.#dialer.works();
			}
		}
	}

	/** Looks whether our place in the log is still there, and keeps the log short. */
	async #watch({ archive }: RedisLink): Promise<void> {
		for (;;) {
			await this.#compactor.wait();
			if (!(await archive.has(this.#cursor.id))) throw new RedisGone();
			await this.#compactor.compact(archive);
		}
	}

	#takeSnapshot(): StoredSnapshot {
		const { room, stamp } = this.#cursor;
		const state = this.#reader?.snapshot();
		return { v: VERSION, room, run: this.#dialer.run, stamp, state };
	}

	/** Throws RedisGone and RedisRefusal, and ChatError `room_log_unusable` if the room is over. */
	async #assertGoesOn(link: RedisLink, { isSameRun, isSure }: KnownRedis): Promise<void> {
		if (isSure && (await this.#isKnown(link))) {
			// Somebody may have put an old file back, and a server that has read more must say so first.
			if (!isSameRun) await Bun.sleep(SETTLE_TIME);
			if (await this.#canGoOn(link)) return;
		}
		// So that no other server goes on with the room, whatever that one has read.
		const over = { v: VERSION, room: this.#cursor.room, entries: [], isOver: true } as const;
		await link.writer.append(sealed(this.#options.fernet, over));
		throw wentBack();
	}

	/** Whether the log has what we have read, or a snapshot of more. */
	async #isKnown({ writer }: RedisLink): Promise<boolean> {
		if (await writer.has(this.#cursor.id)) return true;
		const snapshotId = await writer.snapshotId();
		return snapshotId !== null && !this.#cursor.hasReached(snapshotId);
	}

	/** Whether the log goes on from where we are. */
	async #canGoOn({ writer, runId }: RedisLink): Promise<boolean> {
		const { room, id } = this.#cursor;
		if (await writer.has(id)) return true;
		// We have been away for so long that some of what we have not read is only in the snapshot.
		const loaded = await loadRoom(writer, runId, this.#options.pages);
		if (loaded.cursor.room === room) this.#take(loaded);
		return loaded.cursor.room === room;
	}

	#fail(error: unknown): void {
		if (this.#isClosed) return;
		this.#end();
		const text = `The room in ${this.#place} cannot be read: ${errorMessage(error)}`;
		this.#options.onFailure(error instanceof ChatError ? error : unusable(text, error));
	}
}
