#!/usr/bin/env bun

// Eight members talk while a thousand connections are cut; other checks too slow for a test
// follow. Usage: bun test/long/cuts.ts [CUTS] [SEED]

import { isUnharmed } from "../e2e/reconnect/converse.ts";
import { patience } from "../e2e/reconnect/patience.ts";
import { storm } from "../e2e/reconnect/storm.ts";

const [cuts = "1000", seed = String(Math.floor(Math.random() * 2 ** 32))] = process.argv.slice(2);
console.log(`seed ${seed}: bun test/long/cuts.ts ${cuts} ${seed}`);
const begun = performance.now();
let shown = 0;
const [{ cuts: made, tally }, waited] = await Promise.all([
	storm(Number(seed), Number(cuts), (now) => {
		if (now < shown + 100) return;
		shown = now;
		console.log(`${now} cuts`);
	}),
	patience(),
]);
const { noticed, away, isRight } = waited;
const counts = {
	cuts: made,
	...tally,
	"noticed, s": noticed.toFixed(1),
	"away, s": away.toFixed(1),
};
for (const [name, count] of Object.entries(counts)) {
	console.log(`${name.replace("_", " ").padEnd(14)}${String(count).padStart(8)}`);
}
const isGood = isUnharmed(tally) && isRight;
const seconds = Math.round((performance.now() - begun) / 1000);
console.log(isGood ? `all as it must be, in ${seconds} s` : "NOT as it must be");
process.exit(isGood ? 0 : 1);
