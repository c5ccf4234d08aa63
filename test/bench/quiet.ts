import { Echo } from "./contenders/echo.ts";
import { type Entrant, OURS } from "./contenders/entrants.ts";
import { Crowd } from "./crowd.ts";
import { quantile, type Row, rows } from "./figures.ts";
import type { Tally } from "./tally.ts";

/** Each of the members says `texts` in a round. */
const FULL = { texts: 30, rounds: 9 };
const SHORT = { texts: 2, rounds: 1 };
const SIZE = 10;

/**
 * How long one line takes in a room where nothing else happens, from its sender until all have it;
 * and as many bytes by way of a bare TCP server.
 */
export async function quiet(_: readonly Entrant[], isShort: boolean, tally: Tally): Promise<Row[]> {
	const { texts, rounds } = isShort ? SHORT : FULL;
	await using stack = new AsyncDisposableStack();
	const room = stack.use(await Crowd.gather(stack.use(await OURS.open()), SIZE));
	// Also warms it up.
	const { sent, received } = await room.oneByOne(texts);
	const echo = stack.use(await Echo.open(Math.round(sent), Math.round(received)));
	const bare = stack.use(await Crowd.gather(echo, SIZE));
	await bare.oneByOne(texts);
	const sides = [
		{ who: OURS.name, crowd: room, values: [] as number[] },
		{
			who: "bare TCP",
			crowd: bare,
			values: [],
		},
	];
	for (let round = 0; round < rounds; round++) {
		for (const { who, crowd, values } of round % 2 === 0 ? sides : sides.toReversed()) {
			await tally.check(`${who}, one line`, async () => {
				values.push(quantile((await crowd.oneByOne(texts)).took, 0.5));
			});
		}
	}
	return rows({ what: "one line in a quiet room", unit: "ms", size: `${SIZE} members` }, sides);
}
