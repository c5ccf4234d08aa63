import { LazyRedisConnection } from "../../../lib/server/redis/lazy-redis-connection.ts";
import { parseRedisUrl, type RedisAddress } from "../../../lib/server/redis/redis-address.ts";
import { converse, pick, random, type Tally } from "../reconnect/converse.ts";
import { anyFault } from "../reconnect/storm.ts";
import { Cluster } from "./cluster.ts";

// Members talk while the servers of their room, Redis and the networks between them break.

const SERVERS = 3;
const MEMBERS = 12;
/** Of the connections that members make while things break, so many break, too. */
const FAULTY = 0.3;
/** Milliseconds that Redis is gone, or frozen, in a long fault. */
const OUTAGE = 20_000;
/** Milliseconds that a server is frozen in a long fault: the others give it up before. */
const LONGER_THAN_LEASE = 14_000;
/** Milliseconds of a long silence. */
const SILENCE = 30_000;

/** Enough for a member that comes to one broken server after the other before it is back. */
const KEPT = ["--log-bytes", String(8 * 1024 * 1024), "--log-events", "100000"];
const SNAPSHOT = "fc:{room}:snap";
const LOG = "fc:{room}:log";
/** Bytes of a record that is nobody's. */
const BALLAST = 64 * 1024;

interface Faults {
	/** How often each kind of fault happens. */
	readonly rounds: number;
	/** Milliseconds that one lasts at most, unless it is a long one. */
	readonly most: number;
	/** How many of them are long ones, from 0 to 1. */
	readonly long: number;
	/** Milliseconds between two of them at most. */
	readonly pause: number;
	/**
	 * Bytes a second of records that are nobody's: the log grows so fast that records are dropped soon,
	 * while what is said still fits into the recent events.
	 */
	readonly ballast?: number;
}

interface Trial extends Faults {
	readonly cluster: Cluster;
	readonly draw: () => number;
}

/** Resolves when what broke works again. */
type Deed = (trial: Trial) => Promise<unknown>;

const anyServer = ({ cluster, draw }: Trial): number => pick(draw, [...cluster.stages.keys()]);

/** `long`: how many milliseconds a long one lasts. */
function aWhile({ draw, most, long: share }: Trial, long: number): Promise<void> {
	return Bun.sleep(draw() < share ? long : draw() * most);
}

async function restartServer(trial: Trial, signal: NodeJS.Signals): Promise<void> {
	const { cluster, most } = trial;
	const index = anyServer(trial);
	const code = await cluster.stop(index, signal);
	if (signal === "SIGTERM" && code !== 0)
		cluster.faults.push(`SIGTERM ended a server with ${code}`);
	await aWhile(trial, most);
	await cluster.start(index);
}

/** `passes`: while it lasts. */
async function silence(
	{ draw, cluster }: Trial,
	passes: () => Promise<void>,
	...ways: ("up" | "down")[]
): Promise<void> {
	const network = pick(draw, cluster.networks);
	network.silence(...ways);
	await passes();
	network.release();
}

async function restartRedis({ cluster }: Trial, passes: () => Promise<void>): Promise<void> {
	await cluster.redis.stop();
	await passes();
	await cluster.redis.restart();
}

const SERVER_DEEDS: Readonly<Record<string, Deed>> = {
	"servers killed": (trial) => restartServer(trial, "SIGKILL"),
	"servers stopped": (trial) => restartServer(trial, "SIGTERM"),
	"all servers killed": async (trial) => {
		const { cluster, most } = trial;
		const all = [...cluster.stages.keys()];
		await Promise.all(all.map((index) => cluster.stop(index)));
		await aWhile(trial, most);
		await Promise.all(all.map((index) => cluster.start(index)));
	},
	"servers frozen": async (trial) => {
		const { server } = trial.cluster.stage(anyServer(trial));
		server.kill("SIGSTOP");
		await aWhile(trial, LONGER_THAN_LEASE);
		server.kill("SIGCONT");
	},
};

const REDIS_DEEDS: Readonly<Record<string, Deed>> = {
	"Redis killed": (trial) => restartRedis(trial, () => aWhile(trial, OUTAGE)),
	"Redis frozen": async (trial) => {
		const { redis } = trial.cluster;
		redis.freeze();
		await aWhile(trial, OUTAGE);
		redis.thaw();
	},
	"networks cut": async ({ cluster, draw }) => {
		pick(draw, cluster.networks).cut(pick(draw, ["reset", "fin", "half"] as const));
	},
	"networks silent": (trial) => silence(trial, () => aWhile(trial, SILENCE), "up", "down"),
	"networks deaf": (trial) => silence(trial, () => aWhile(trial, SILENCE), "down"),
	"networks mute": (trial) => silence(trial, () => aWhile(trial, SILENCE), "up"),
};

/** What a run with long faults has once for certain, whatever its seed. */
export const CERTAIN_DEEDS: Readonly<Record<string, Deed>> = {
	"a silence of 30 s": (trial) => silence(trial, () => Bun.sleep(SILENCE), "up", "down"),
	// Less than the servers wait for each other, and for Redis.
	"a silence of 5 s": (trial) => silence(trial, () => Bun.sleep(5000), "up", "down"),
	"no Redis for 20 s": (trial) => restartRedis(trial, () => Bun.sleep(OUTAGE)),
};

/** What was done and how often, where every message went, and what it left behind. */
export interface Outcome {
	readonly deeds: Readonly<Record<string, number>>;
	readonly tally: Tally;
	/** What went wrong with servers. */
	readonly faults: readonly string[];
	/** How the servers ended. */
	readonly codes: readonly number[];
	/** Keys in Redis. */
	readonly left: readonly string[];
}

/** Breaks things in an order that `seed` decides, and tells `watch` how often so far. */
export async function breaking(
	seed: number,
	how: Faults,
	watch: (count: number) => void = () => {},
): Promise<Outcome> {
	const draw = random(seed);
	let isRaging = false;
	const faults = () => (isRaging && draw() < FAULTY ? anyFault(draw) : {});
	const cast = { size: SERVERS, arePrograms: true, endsWhenEmpty: true, faults };
	await using cluster = await Cluster.open(cast, ...KEPT);
	const trial = { ...how, cluster, draw };
	const deeds: Record<string, number> = {};
	const snapshots = new Set<string>();
	let count = 0;
	const { stages, entry } = cluster;
	using _ = how.ballast === undefined ? null : addBallast(cluster, how.ballast);
	const tally = await converse({ stages, entry, members: MEMBERS, draw }, async (isWrong) => {
		isRaging = true;
		cluster.balancer.cut();
		// A server and Redis, or a server's network, may be broken at the same time.
		const certain = how.long > 0 ? Object.entries(CERTAIN_DEEDS) : [];
		const all = [
			repeated(SERVER_DEEDS, how.rounds),
			[...repeated(REDIS_DEEDS, how.rounds), ...certain],
		];
		const series = all.map(async (each) => {
			for (const [name, deed] of shuffled(draw, each)) {
				if (isWrong() || cluster.faults.length > 0) return;
				await deed(trial);
				deeds[name] = (deeds[name] ?? 0) + 1;
				void cluster.redis.cli("GETRANGE", SNAPSHOT, "0", "14").then((at) => snapshots.add(at));
				watch(++count);
				await Bun.sleep(draw() * how.pause);
			}
		});
		await Promise.all(series);
		isRaging = false;
		deeds["members cut"] = cluster.balancer.cuts;
		deeds.snapshots = [...snapshots].filter((at) => /^\d+$/.test(at)).length;
		deeds["records dropped"] = await dropped(cluster);
	});
	const codes = await cluster.end();
	const left = await cluster.redis.lastingKeys();
	return { deeds, tally, faults: cluster.faults, codes, left };
}

function addBallast({ redis }: Cluster, rate: number): Disposable {
	const connection = new LazyRedisConnection(parseRedisUrl(redis.url) as RedisAddress);
	const record = [LOG, "NOMKSTREAM", "*", "e", "x".repeat(BALLAST)];
	// Whether Redis takes it is the same to us.
	const add = (): void => void connection.send("XADD", record).catch(() => {});
	const timer = setInterval(add, (1000 * BALLAST) / rate);
	return {
		[Symbol.dispose]: () => {
			clearInterval(timer);
			connection[Symbol.dispose]();
		},
	};
}

/** How many records Redis holds no more. */
async function dropped({ redis }: Cluster): Promise<number> {
	const info = await redis.cli("XINFO", "STREAM", LOG);
	const [, length, added] = /^length\n(\d+)$[\s\S]*^entries-added\n(\d+)$/m.exec(info) ?? [];
	return Number(added) - Number(length);
}

function repeated<T>(kinds: Readonly<Record<string, T>>, times: number): [string, T][] {
	return Array.from({ length: times }, () => Object.entries(kinds)).flat();
}

function shuffled<T>(draw: () => number, all: readonly T[]): T[] {
	const placed = all.map((one) => ({ one, at: draw() }));
	return placed.sort((a, b) => a.at - b.at).map(({ one }) => one);
}
