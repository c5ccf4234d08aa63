import { statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { openRedisLog } from "../../../../lib/server/room-log/open-redis-log.ts";
import { eventually } from "../../../support/eventually.ts";
import { Redis } from "../../../support/redis.ts";
import { Place, Recorder, say } from "./logs.ts";

// A room in Redis, whose machine lost power while it wrote the last entry.

/** Entries of the room. */
export const ENTRIES = 5;
/** Of which redis-server so many run at once. */
const AT_ONCE = 4;

interface CutLogs {
	/** Bytes of the append-only file at which the last entry begins, and ends. */
	readonly begin: number;
	readonly end: number;
	/** What is read when the file ends after each of these bytes, by the entries' numbers. */
	read(cuts: readonly number[]): Promise<number[][]>;
}

/** Calls `use` with a room's log that can be cut off. */
export async function withCutLogs(use: (logs: CutLogs) => Promise<void>): Promise<void> {
	using place = new Place();
	await using redis = await Redis.start();
	const size = () => statSync(redis.appendOnlyFile).size;
	const { log, room } = await open(redis, place);
	let begin = 0;
	for (let n = 1; n <= ENTRIES; n++) {
		begin = size();
		log.append(say(n));
		await eventually(`${n}`, () => room.state.length >= n);
	}
	await log.close();
	const end = size();
	await redis.stop();
	const readCut = async (cut: number): Promise<number[]> => {
		await using copy = await redis.copy();
		truncateSync(copy.appendOnlyFile, cut);
		await copy.restart();
		const again = await open(copy, place);
		await again.log.close();
		return again.room.entries.map(({ n }) => n);
	};
	const read = async (cuts: readonly number[]): Promise<number[][]> => {
		const found: number[][] = [];
		for (let i = 0; i < cuts.length; i += AT_ONCE) {
			found.push(...(await Promise.all(cuts.slice(i, i + AT_ONCE).map(readCut))));
		}
		return found;
	};
	await use({ begin, end, read });
}

async function open({ port }: Redis, { folder, warn }: Place) {
	const address = { host: "127.0.0.1", port, tls: false, user: "", password: "", database: 0 };
	const log = await openRedisLog({
		...{ address, key: join(folder, "key"), maxBytes: 1_000_000, warn },
		onFailure: ({ message }) => warn(message),
	});
	const room = new Recorder();
	log.open(room);
	return { log, room };
}
