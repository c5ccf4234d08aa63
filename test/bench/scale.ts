import { BOUND, type Entrant, OURS, THREADS, WEBSOCKET } from "./contenders/entrants.ts";
import { Crowd } from "./crowd.ts";
import { type Row, rows } from "./figures.ts";
import type { Tally } from "./tally.ts";
import { settledMemory } from "./usage.ts";

const FULL = { sizes: { large: 5000, largest: 10_000 }, rounds: 3, texts: 100 };
const SHORT = { sizes: { large: 100, largest: 200 }, rounds: 1, texts: 1 };
/** Texts without an echo that a sender of the largest room may have. */
const IN_FLIGHT = 256;

interface Joined {
	readonly seconds: number;
	readonly bytesPerConnection: number;
	/** Deliveries a second, with everybody in. */
	readonly perSecond: number;
}

/** Opens a new room, because a used server could reuse freed memory without growing. */
async function join({ open }: Entrant, size: number, texts: number): Promise<Joined> {
	await using contender = await open();
	let alone = 0;
	let began = 0;
	using crowd = await Crowd.gather(contender, size, "prose", async () => {
		alone = await settledMemory(contender.pid);
		began = performance.now();
	});
	const seconds = (performance.now() - began) / 1000;
	const full = await settledMemory(contender.pid);
	// The first run warms it up.
	await crowd.closedLoop(1, 1);
	const run = await crowd.closedLoop(texts, IN_FLIGHT);
	const bytesPerConnection = (full - alone) / (size - 1);
	return { seconds, bytesPerConnection, perSecond: run.deliveries / run.seconds };
}

/** The server's memory for each connection, and the time in which a crowd joins. */
export async function scale(
	entrants: readonly Entrant[],
	isShort: boolean,
	tally: Tally,
): Promise<Row[]> {
	const { sizes, rounds, texts } = isShort ? SHORT : FULL;
	const servers = entrants.filter((entrant) => entrant !== THREADS && entrant !== BOUND);
	return [
		...(await ofSize(sizes.large, servers, { rounds, texts }, tally)),
		...(await ofSize(sizes.largest, [OURS, WEBSOCKET], { rounds, texts }, tally)),
	];
}

async function ofSize(
	size: number,
	entrants: readonly Entrant[],
	{ rounds, texts }: Pick<typeof FULL, "rounds" | "texts">,
	tally: Tally,
): Promise<Row[]> {
	const sides = entrants.map((entrant) => ({ entrant, joined: [] as Joined[] }));
	for (let round = 0; round < rounds; round++) {
		for (const { entrant, joined } of sides) {
			await tally.check(`${entrant.name}, ${size} members`, async () => {
				joined.push(await join(entrant, size, texts));
			});
		}
	}
	const series = (of: (joined: Joined) => number) =>
		sides.map(({ entrant, joined }) => ({ who: entrant.name, values: joined.map(of) }));
	const members = `${size.toLocaleString("en")} members`;
	const memory = series(({ bytesPerConnection }) => bytesPerConnection / 1024);
	return [
		...rows({ what: "memory per connection", unit: "KiB", size: members }, memory),
		...rows(
			{ what: "all join", unit: "s", size: members },
			series(({ seconds }) => seconds),
		),
		...rows(
			{ what: "deliveries after all joined", unit: "/s", size: members },
			series(({ perSecond }) => perSecond),
		),
	];
}
