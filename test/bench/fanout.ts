import { BOUND, type Entrant, OURS, OVER_TLS, WEBSOCKET } from "./contenders/entrants.ts";
import { Crowd, type Run } from "./crowd.ts";
import { type Row, rows } from "./figures.ts";
import type { Tally } from "./tally.ts";
import type { Kind } from "./texts.ts";

/**
 * How many texts without an echo a sender may have. Each echo lets it say the next; so with 32
 * senders up to 8,192 texts are on their way.
 */
const IN_FLIGHT = 256;

/** Marks measurements in which ours uses TLS and the other does not. */
const OVER = " over TLS";
/** Marks measurements with texts that hardly can be deflated. */
const RANDOM = ", incompressible texts";

const FULL = { sizes: [32, 100, 1000, 5000], rounds: 5, seconds: 2 };
const SHORT = { sizes: [8, 32], rounds: 1, seconds: 0.1 };

/** One contender with its room full of members. */
interface Side {
	readonly who: string;
	readonly crowd: Crowd;
	/** How many each sender says in one run. */
	texts: number;
	readonly runs: Run[];
}

/**
 * How many texts take this long. The runs that find it grow, and warm everything up. One that is long
 * enough is repeated: the server may have been tidying up after the crowd.
 */
async function textsFor(crowd: Crowd, seconds: number): Promise<number> {
	let wasLong = false;
	for (let texts = 1; ; ) {
		const run = await crowd.closedLoop(texts, IN_FLIGHT);
		// From less, one cannot tell how long more would take: they go in larger batches.
		const isLong = run.seconds > seconds / 2;
		if (isLong && wasLong) return Math.max(1, Math.round((texts * seconds) / run.seconds));
		if (!isLong) texts *= 8;
		wasLong = isLong;
	}
}

async function measure(
	sides: readonly Side[],
	{ rounds, seconds }: typeof FULL,
	tally: Tally,
): Promise<void> {
	for (const side of sides) side.texts = await textsFor(side.crowd, seconds);
	for (let round = 0; round < rounds; round++) {
		for (const { who, crowd, texts, runs } of sides) {
			await tally.check(`${who}, fan-out`, async () => {
				runs.push(await crowd.closedLoop(texts, IN_FLIGHT));
			});
		}
	}
	// If a server had sent a text too often, this run would receive it and fail.
	for (const { who, crowd } of sides) {
		await tally.check(`${who}, nothing behind the fan-out`, () => crowd.closedLoop(1, 1));
	}
}

/** Fills a room of each, and measures them in turn. */
async function contest(
	entrants: readonly Entrant[],
	size: number,
	kind: Kind,
	plan: typeof FULL,
	tally: Tally,
): Promise<Side[]> {
	await using stack = new AsyncDisposableStack();
	const sides: Side[] = [];
	for (const { name, open } of entrants.filter(({ most }) => size <= most)) {
		const contender = stack.use(await open());
		const crowd = stack.use(
			await tally.check(`${name}, ${size} members`, () => Crowd.gather(contender, size, kind)),
		);
		sides.push({ who: name, crowd, texts: 0, runs: [] });
	}
	await measure(sides, plan, tally);
	return sides;
}

async function ofSize(
	size: number,
	entrants: readonly Entrant[],
	plan: typeof FULL,
	tally: Tally,
): Promise<Row[]> {
	const sides = await contest([...entrants, OVER_TLS], size, "prose", plan, tally);
	const random = await contest([OURS, BOUND], size, "incompressible", plan, tally);
	const members = `${size.toLocaleString("en")} members`;
	const compared = (whose: readonly Side[], how: string): Row[] => {
		const series = (of: (run: Run) => number) =>
			whose.map(({ who, runs }) => ({ who, values: runs.map(of) }));
		const perSecond = series(({ deliveries, seconds }) => deliveries / seconds);
		const cost = series(({ deliveries, cpuSeconds }) => (cpuSeconds * 1e6) / deliveries);
		const bytes = series((run) => (run.bytes * size) / run.deliveries);
		return [
			...rows({ what: `deliveries${how}`, unit: "/s", size: members }, perSecond),
			...rows({ what: `server CPU per delivery${how}`, unit: "µs", size: members }, cost),
			...rows({ what: `network per delivery${how}`, unit: "bytes", size: members }, bytes),
		];
	};
	const encrypted = sides.filter(({ who }) => who === OVER_TLS.name);
	const inClear = sides.filter(({ who }) => who !== OVER_TLS.name);
	const plain = sides.filter(({ who }) => who === WEBSOCKET.name || who === BOUND.name);
	const overTls = encrypted.length > 0 ? compared([...encrypted, ...plain], OVER) : [];
	return [...compared(inClear, ""), ...overTls, ...compared(random, RANDOM)];
}

/** How fast a room's texts reach everybody, and what that costs the server. */
export async function fanout(
	entrants: readonly Entrant[],
	isShort: boolean,
	tally: Tally,
): Promise<Row[]> {
	const plan = isShort ? SHORT : FULL;
	const all: Row[] = [];
	for (const size of plan.sizes) all.push(...(await ofSize(size, entrants, plan, tally)));
	return all;
}
