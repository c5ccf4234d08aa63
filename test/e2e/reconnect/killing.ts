import { converse, random, SETTLE, type Tally, until } from "./converse.ts";
import { KeptRoom } from "./kept-room.ts";

// Members talk while their server is killed again and again, and started again.

const MEMBERS = 12;
/** Milliseconds that a server takes to say goodbye, and to start. */
const GOODBYE = 30;
const START = 500;

/**
 * Kills the server `kills` times with SIGKILL, each when it has lived for at most `life` milliseconds,
 * and tells `watch` how often so far. `files` is what is left of the room when all have gone.
 */
export async function killing(
	seed: number,
	{ kills, life }: { kills: number; life: number },
	watch: (kills: number) => void = () => {},
): Promise<{ kills: number; tally: Tally; files: string[] }> {
	const draw = random(seed);
	await using kept = await KeptRoom.open({ endsWhenEmpty: true });
	const { stage } = kept;
	let done = 0;
	const place = { stages: [stage], entry: stage, members: MEMBERS, draw };
	const tally = await converse(place, async (isWrong) => {
		while (done < kills && !isWrong()) {
			await Bun.sleep(draw() * life);
			// Some while they say goodbye, some while they start.
			if (draw() < 0.2) {
				stage.server.kill("SIGTERM");
				await Bun.sleep(draw() * GOODBYE);
			}
			await kept.stop("SIGKILL");
			watch(++done);
			if (draw() < 0.2) {
				await kept.startInVain(draw() * START);
				watch(++done);
			}
			await kept.start();
		}
	});
	await until(() => kept.files.length === 0, SETTLE);
	return { kills: done, tally, files: kept.files };
}
