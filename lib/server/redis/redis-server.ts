import { type RedisConnection, RedisRefusal } from "./redis-connection.ts";

/** What a Redis or Valkey server says about itself. */
export interface RedisServer {
	/** Another one for each start of the process. */
	readonly runId: string;
	readonly isMaster: boolean;
	/** Such as `7.0.15`. */
	readonly version: string;
}

/** The first with `XADD NOMKSTREAM` and `XTRIM MINID`. */
const MIN_VERSION = [6, 2] as const;
/** Policies under which only keys that end by themselves are dropped: all but the room and the bans. */
const VOLATILE = "volatile-";
/** What it says to most commands meanwhile. */
const LOADING = "LOADING Redis is loading the dataset in memory";

/** Throws RedisGone and RedisRefusal. */
export async function askServer(connection: RedisConnection): Promise<RedisServer> {
	const server = await info(connection, "server");
	const replication = await info(connection, "replication");
	return {
		runId: server("run_id"),
		isMaster: replication("role") === "master",
		version: server("redis_version"),
	};
}

/** Why a room cannot be kept in a server, or null. */
export function whyUnfit({ isMaster, version }: RedisServer): string | null {
	if (!isMaster) return "It is a replica, which takes no changes. Name the master.";
	const [major = 0, minor = 0] = version.split(".").map(Number);
	const isOld = major < MIN_VERSION[0] || (major === MIN_VERSION[0] && minor < MIN_VERSION[1]);
	return isOld ? `It is Redis ${version}, and ${MIN_VERSION.join(".")} or newer is needed.` : null;
}

/** Why a server may drop the room while all else runs well, or null. */
export async function whyUnsafe(connection: RedisConnection): Promise<string | null> {
	const policy = await evictionPolicy(connection);
	if (policy === null || policy.startsWith(VOLATILE)) return null;
	return `Its maxmemory-policy is ${policy}, so it may drop the room. Set it to noeviction.`;
}

/** What else a server may drop while all else runs well, or null. */
export async function whyForgetful(connection: RedisConnection): Promise<string | null> {
	const policy = await evictionPolicy(connection);
	if (!policy?.startsWith(VOLATILE)) return null;
	return `Redis has maxmemory-policy ${policy}: when its memory is full, it may drop remembered devices, codes, and counts of logins. Set it to noeviction.`;
}

/** Null if a server with a full memory drops nothing. */
async function evictionPolicy(connection: RedisConnection): Promise<string | null> {
	const policy = (await info(connection, "memory"))("maxmemory_policy");
	return policy === "" || policy === "noeviction" ? null : policy;
}

/**
 * What a restart may cost, or null if it has everything that it has taken. Throws RedisRefusal if the
 * server has just been started and reads its file, and RedisGone.
 */
export async function whyNotDurable(connection: RedisConnection): Promise<string | null> {
	const persistence = await info(connection, "persistence");
	// Until then it has its append-only file switched off.
	if (persistence("loading") === "1") throw new RedisRefusal(new Error(LOADING));
	if (persistence("aof_enabled") !== "1") {
		return "Redis keeps nothing on disk: when it restarts, the room ends. Set appendonly to yes, and appendfsync to always.";
	}
	const fsync = await setting(connection, "appendfsync");
	if (fsync !== "always") {
		const what = fsync === null ? "does not tell its appendfsync" : `has appendfsync ${fsync}`;
		return `Redis ${what}, so a restart may lose what was said, and ends the room. Set it to always.`;
	}
	// While it rewrites its file, it would then not wait for the disk.
	if ((await setting(connection, "no-appendfsync-on-rewrite")) !== "yes") return null;
	return "Redis has no-appendfsync-on-rewrite yes, so a restart may lose what was said, and ends the room. Set it to no.";
}

/** Null if we may not ask. */
async function setting(connection: RedisConnection, name: string): Promise<string | null> {
	try {
		const answer = await connection.send("CONFIG", ["GET", name]);
		return Object(answer)[name] ?? null;
	} catch (error) {
		if (error instanceof RedisRefusal) return null;
		throw error;
	}
}

/** Reads a section of INFO, and returns a look-up of its fields. */
async function info(
	connection: RedisConnection,
	section: string,
): Promise<(field: string) => string> {
	const text = String(await connection.send("INFO", [section]));
	return (field) => new RegExp(`^${field}:(.*?)\\r?$`, "m").exec(text)?.[1] ?? "";
}
