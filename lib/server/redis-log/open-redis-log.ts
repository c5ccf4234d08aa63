import type { ChatError } from "../../util/errors.ts";
import { Fernet, generateKey } from "../../wire/crypto/fernet.ts";
import { formatRedisUrl, type RedisAddress } from "../redis/redis-address.ts";
import { RedisGone, RedisRefusal } from "../redis/redis-connection.ts";
import { whyForgetful, whyNotDurable, whyUnsafe } from "../redis/redis-server.ts";
import { whyUnreachable } from "../redis/why-unreachable.ts";
import { LogKeyFile } from "../room-log/log-key.ts";
import { unusable } from "../room-log/unusable.ts";
import { PageSize } from "./page-size.ts";
import { RedisLink, RedisUnfit } from "./redis-link.ts";
import { type LoadedRoom, loadRoom } from "./redis-loading.ts";
import { RedisLog } from "./redis-log.ts";

export interface RedisLogOptions {
	readonly address: RedisAddress;
	/** Path of the file with the key that all servers of the room share. */
	readonly key: string;
	/** Bytes of records after which a snapshot takes their place. */
	readonly maxBytes: number;
	/** For the operator's log. */
	readonly warn: (sentence: string) => void;
	readonly onFailure: (error: ChatError) => void;
}

/**
 * Reads the room that is in Redis, or begins one. Throws ChatError `room_log_unusable`, which says what
 * to do.
 */
export async function openRedisLog(options: RedisLogOptions): Promise<RedisLog> {
	const { address, key: path, warn } = options;
	const place = `Redis at ${formatRedisUrl(address)}`;
	const keyFile = new LogKeyFile(path);
	const found = keyFile.read();
	const key = found ?? generateKey();
	const fernet = new Fernet(key);
	try {
		using opened = new DisposableStack();
		const first = opened.use(await RedisLink.open(address, fernet));
		const why = await whyUnsafe(first.connection);
		if (why) throw new RedisUnfit(why);
		if (found === null) {
			if ((await first.writer.lastId()) !== null) throw noKey(path);
			keyFile.create(key);
		}
		const notDurable = await whyNotDurable(first.connection);
		const forgetful = await whyForgetful(first.connection);
		const pages = new PageSize();
		const { link, loaded } = await load(first, pages, () => RedisLink.open(address, fernet));
		for (const warning of [notDurable, forgetful]) if (warning) warn(warning);
		opened.move();
		return new RedisLog({ ...options, fernet, pages }, link, notDurable === null, loaded);
	} catch (error) {
		if (error instanceof RedisUnfit) throw unusable(`Cannot use ${place}. ${error.why}`, error);
		if (error instanceof RedisRefusal) throw unusable(`${place} says: ${error.message}`, error);
		if (!(error instanceof RedisGone)) throw error;
		throw unusable(`Cannot use ${place}. ${await whyUnreachable(address)}`, error);
	}
}

/** Loads the room, over another link whenever a page was too large to arrive. Throws as `loadRoom` does. */
async function load(
	first: RedisLink,
	pages: PageSize,
	open: () => Promise<RedisLink>,
): Promise<{ link: RedisLink; loaded: LoadedRoom }> {
	for (let link = first; ; link = await open()) {
		const { count } = pages;
		try {
			return { link, loaded: await loadRoom(link.writer, link.runId, pages) };
		} catch (error) {
			link[Symbol.dispose]();
			if (pages.count === count) throw error;
		}
	}
}

const noKey = (path: string): ChatError =>
	unusable(
		`There is a room in Redis, but no key file ${path}. Copy it from the machine of another server.`,
	);
