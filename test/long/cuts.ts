#!/usr/bin/env bun

// Eight members talk while a thousand connections are cut, then six pages and six others through
// half as many; other checks too slow for a test go on beside. Usage: bun test/long/cuts.ts [CUTS] [SEED]

import { arePagesUnharmed, pageStorm } from "../e2e/page/storm.ts";
import { isUnharmed } from "../e2e/reconnect/converse.ts";
import { patience } from "../e2e/reconnect/patience.ts";
import { storm } from "../e2e/reconnect/storm.ts";

const [cuts = "1000", seed = String(Math.floor(Math.random() * 2 ** 32))] = process.argv.slice(2);
console.log(`seed ${seed}: bun test/long/cuts.ts ${cuts} ${seed}`);
const begun = performance.now();
let shown = 0;
const watch = (now: number): void => {
	if (now < shown + 100) return;
	shown = now;
	console.log(`${now} cuts`);
};
const waiting = patience();
const { cuts: made, tally } = await storm(Number(seed), Number(cuts), watch);
shown = 0;
const pages = await pageStorm(Number(seed), Number(cuts) / 2, watch);
const waited = await waiting;
const { noticed, away, isRight } = waited;
const counts = {
	cuts: made,
	...tally,
	"noticed, s": noticed.toFixed(1),
	"away, s": away.toFixed(1),
	...Object.fromEntries(Object.entries(pages).map(([name, count]) => [`pages: ${name}`, count])),
};
for (const [name, count] of Object.entries(counts)) {
	console.log(`${name.replace("_", " ").padEnd(20)}${String(count).padStart(8)}`);
}
const isGood = isUnharmed(tally) && isRight && arePagesUnharmed(pages);
const seconds = Math.round((performance.now() - begun) / 1000);
console.log(isGood ? `all as it must be, in ${seconds} s` : "NOT as it must be");
process.exit(isGood ? 0 : 1);
