import { type Cut, FaultProxy, type Faults } from "../../support/fault.ts";
import { Stage } from "../../support/programs.ts";
import { converse, pick, random, type Tally, until } from "./converse.ts";

// Members talk while their connections are cut.

const MEMBERS = 8;

/** Lets members talk through `cuts` broken connections, and tells `watch` the cuts so far. */
export async function storm(
	seed: number,
	cuts: number,
	watch: (cuts: number) => void = () => {},
): Promise<{ cuts: number; tally: Tally }> {
	const draw = random(seed);
	let isRaging = false;
	await using stage = await Stage.openWith({ isLocal: true, endsWhenEmpty: true });
	await using proxy = await FaultProxy.open(stage.port, () => (isRaging ? anyFault(draw) : {}));
	const entry = { port: proxy.port, keys: stage.keys };
	const place = { stages: [stage], entry, members: MEMBERS, draw };
	const tally = await converse(place, async (isWrong) => {
		isRaging = true;
		proxy.cut();
		await until(() => {
			watch(proxy.cuts);
			return proxy.cuts >= cuts || isWrong();
		});
		isRaging = false;
	});
	return { cuts: proxy.cuts, tally };
}

/** Most connections live for a while; some break before the member has resumed. */
export function anyFault(draw: () => number): Faults {
	const way = draw() < 0.5 ? "up" : "down";
	const most = draw() < 0.15 ? 1000 : way === "up" ? 6000 : 30_000;
	const how: Cut = pick(draw, ["reset", "fin", "half"] as const);
	const cut = { way, after: Math.floor(draw() * most), how } as const;
	const shape = draw();
	return shape < 0.1 ? { cut, split: true } : shape < 0.2 ? { cut, delay: 20 } : { cut };
}
