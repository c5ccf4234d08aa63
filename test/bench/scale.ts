import { type Entrant, THREADS } from "./contenders/entrants.ts";
import { Crowd } from "./crowd.ts";
import { type Row, rows } from "./figures.ts";
import type { Tally } from "./tally.ts";
import { settledMemory } from "./usage.ts";

const FULL = { size: 5000, rounds: 3 };
const SHORT = { size: 100, rounds: 1 };

interface Joined {
	readonly seconds: number;
	readonly bytesPerConnection: number;
}

/** Opens a new room, because a used server could reuse freed memory without growing. */
async function join({ open }: Entrant, size: number): Promise<Joined> {
	await using contender = await open();
	let alone = 0;
	let began = 0;
	using _ = await Crowd.gather(contender, size, async () => {
		alone = await settledMemory(contender.pid);
		began = performance.now();
	});
	const seconds = (performance.now() - began) / 1000;
	const full = await settledMemory(contender.pid);
	return { seconds, bytesPerConnection: (full - alone) / (size - 1) };
}

/** The server's memory for each connection, and the time in which a crowd joins. */
export async function scale(
	entrants: readonly Entrant[],
	isShort: boolean,
	tally: Tally,
): Promise<Row[]> {
	const { size, rounds } = isShort ? SHORT : FULL;
	const sides = entrants
		.filter((entrant) => entrant !== THREADS)
		.map((entrant) => ({ entrant, joined: [] as Joined[] }));
	for (let round = 0; round < rounds; round++) {
		for (const { entrant, joined } of sides) {
			await tally.check(`${entrant.name}, ${size} members`, async () => {
				joined.push(await join(entrant, size));
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
	];
}
