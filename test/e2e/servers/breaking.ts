import { converse, pick, random, type Tally } from "../reconnect/converse.ts";
import { anyFault } from "../reconnect/storm.ts";
import { Cluster } from "./cluster.ts";

// Members talk while the servers of their room, Redis and the networks between them break.

const SERVERS = 3;
const MEMBERS = 12;

/** What was done, and how often. */
export type Deeds = Record<string, number>;

interface Trial {
	readonly cluster: Cluster;
	readonly draw: () => number;
	/** Milliseconds that a fault lasts at most. */
	readonly most: number;
}

/** Each is done when the part works again. */
type Deed = (trial: Trial) => Promise<unknown>;

const anyServer = ({ cluster, draw }: Trial): number => pick(draw, [...cluster.stages.keys()]);
const aWhile = ({ draw, most }: Trial): Promise<void> => Bun.sleep(draw() * most);

async function restartServer(trial: Trial, signal: NodeJS.Signals): Promise<void> {
	const index = anyServer(trial);
	await trial.cluster.stop(index, signal);
	await aWhile(trial);
	await trial.cluster.start(index);
}

async function stallNetwork(trial: Trial, ...ways: ("up" | "down")[]): Promise<void> {
	const network = pick(trial.draw, trial.cluster.networks);
	network.stall(...ways);
	await aWhile(trial);
	network.release();
}

const SERVER_DEEDS: Readonly<Record<string, Deed>> = {
	"servers killed": (trial) => restartServer(trial, "SIGKILL"),
	"servers stopped": (trial) => restartServer(trial, "SIGTERM"),
	"servers frozen": async (trial) => {
		const { server } = trial.cluster.stage(anyServer(trial));
		server.kill("SIGSTOP");
		await aWhile(trial);
		server.kill("SIGCONT");
	},
};

const REDIS_DEEDS: Readonly<Record<string, Deed>> = {
	"Redis killed": async (trial) => {
		await trial.cluster.redis.stop();
		await aWhile(trial);
		await trial.cluster.redis.restart();
	},
	"Redis frozen": async (trial) => {
		trial.cluster.redis.freeze();
		await aWhile(trial);
		trial.cluster.redis.thaw();
	},
	"networks cut": async ({ cluster, draw }) => {
		pick(draw, cluster.networks).cut(pick(draw, ["reset", "fin", "half"] as const));
	},
	"networks stalled": (trial) => stallNetwork(trial, "up", "down"),
	"networks deaf": (trial) => stallNetwork(trial, "down"),
	"networks mute": (trial) => stallNetwork(trial, "up"),
};

/**
 * Does each deed `rounds` times, for at most `most` milliseconds each, in an order that `seed`
 * decides, and tells `watch` what was done so far. `left` is what is left of the room in Redis.
 */
export async function breaking(
	seed: number,
	{ rounds, most }: { rounds: number; most: number },
	watch: (deeds: Deeds) => void = () => {},
): Promise<{ deeds: Deeds; tally: Tally; faults: string[]; codes: number[]; left: string[] }> {
	const draw = random(seed);
	let isRaging = false;
	const faults = () => (isRaging ? anyFault(draw) : {});
	await using cluster = await Cluster.open({
		...{ size: SERVERS, arePrograms: true, endsWhenEmpty: true, faults },
	});
	const deeds: Deeds = {};
	const { stages, entry } = cluster;
	const place = { stages, entry, members: MEMBERS, draw };
	const tally = await converse(place, async (isWrong) => {
		isRaging = true;
		cluster.balancer.cut();
		const trial = { cluster, draw, most };
		const doAll = async (kinds: Readonly<Record<string, Deed>>): Promise<void> => {
			for (const [name, deed] of shuffled(draw, kinds, rounds)) {
				if (isWrong() || cluster.faults.length > 0) return;
				await deed(trial);
				deeds[name] = (deeds[name] ?? 0) + 1;
				watch(deeds);
				await Bun.sleep(draw() * PAUSE);
			}
		};
		await Promise.all([doAll(SERVER_DEEDS), doAll(REDIS_DEEDS)]);
		isRaging = false;
		deeds.cuts = cluster.balancer.cuts;
	});
	const codes = await cluster.end();
	const left = await cluster.redis.lastingKeys();
	return { deeds, tally, faults: cluster.faults, codes, left };
}

/** Milliseconds of quiet between two deeds, at most. */
const PAUSE = 500;

function shuffled<T>(
	draw: () => number,
	kinds: Readonly<Record<string, T>>,
	times: number,
): [string, T][] {
	const all = Array.from({ length: times }, () => Object.entries(kinds)).flat();
	return all
		.map((one) => ({ one, at: draw() }))
		.sort((a, b) => a.at - b.at)
		.map(({ one }) => one);
}
