import { converse, random, SETTLE, type Tally, until } from "./converse.ts";
import { KeptRoom } from "./kept-room.ts";

// Members talk while their server is killed again and again, and started again.

const MEMBERS = 12;
/** Milliseconds for which a server lives, at most. */
const LIFE = 1500;

/**
 * Kills the server `kills` times with SIGKILL, and tells `watch` how often so far. `files` is what is
 * left of the room when all have gone.
 */
export async function killing(
	seed: number,
	kills: number,
	watch: (kills: number) => void = () => {},
): Promise<{ kills: number; tally: Tally; files: string[] }> {
	const draw = random(seed);
	await using kept = await KeptRoom.open({ endsWhenEmpty: true });
	const { stage } = kept;
	let done = 0;
	const place = { stage, port: stage.port, members: MEMBERS, draw };
	const tally = await converse(place, async (isWrong) => {
		while (done < kills && !isWrong()) {
			await Bun.sleep(draw() * LIFE);
			await kept.stop("SIGKILL");
			await kept.start();
			watch(++done);
		}
	});
	await until(() => kept.files.length === 0, SETTLE);
	return { kills: done, tally, files: kept.files };
}
