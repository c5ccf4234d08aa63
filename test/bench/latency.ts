import { BOUND, type Entrant, OURS, WEBSOCKET } from "./contenders/entrants.ts";
import { Crowd } from "./crowd.ts";
import { quantile, type Row, rows } from "./figures.ts";
import type { Tally } from "./tally.ts";

/** Each sender says `texts` a round: with 32 senders and 200 a second, about 5 s. */
const FULL = { size: 1000, rate: 200, texts: 31, rounds: 5 };
const SHORT = { size: 32, rate: 200, texts: 4, rounds: 1 };

interface Side {
	readonly who: string;
	readonly crowd: Crowd;
	/** Milliseconds of each text, by round. */
	readonly latencies: number[][];
}

async function enter(
	{ name, open }: Entrant,
	size: number,
	stack: AsyncDisposableStack,
): Promise<Side> {
	const contender = stack.use(await open());
	return { who: name, crowd: stack.use(await Crowd.gather(contender, size)), latencies: [] };
}

/** The time until the last member receives a text, in a room that is not busy. */
export async function latency(
	_: readonly Entrant[],
	isShort: boolean,
	tally: Tally,
): Promise<Row[]> {
	const { size, rate, texts, rounds } = isShort ? SHORT : FULL;
	await using stack = new AsyncDisposableStack();
	const sides: Side[] = [];
	for (const entrant of [OURS, WEBSOCKET, BOUND]) sides.push(await enter(entrant, size, stack));
	for (const { crowd } of sides) await crowd.openLoop(1, rate);
	for (let round = 0; round < rounds; round++) {
		for (const { who, crowd, latencies } of sides) {
			await tally.check(`${who}, latency`, async () => {
				latencies.push(await crowd.openLoop(texts, rate));
			});
		}
	}
	const members = `${size.toLocaleString("en")} members, ${rate}/s`;
	const series = (part: number) =>
		sides.map(({ who, latencies }) => ({
			who,
			values: latencies.map((round) => quantile(round, part)),
		}));
	return [
		...rows({ what: "latency, median", unit: "ms", size: members }, series(0.5)),
		...rows({ what: "latency, 99th percentile", unit: "ms", size: members }, series(0.99)),
	];
}
