#!/usr/bin/env bun
// Twelve members talk while their server is killed with SIGKILL, two hundred times, and started
// again with the same room file. Usage: bun test/long/kills.ts [KILLS] [SEED]

import { isUnharmed } from "../e2e/reconnect/converse.ts";
import { killing } from "../e2e/reconnect/killing.ts";

const [kills = "200", seed = String(Math.floor(Math.random() * 2 ** 32))] = process.argv.slice(2);
console.log(`seed ${seed}: bun test/long/kills.ts ${kills} ${seed}`);
const begun = performance.now();
const {
	kills: made,
	tally,
	files,
} = await killing(Number(seed), { kills: Number(kills), life: 2000 }, (now) => {
	if (now % 20 === 0) console.log(`${now} kills`);
});
for (const [name, count] of Object.entries({ kills: made, ...tally, files_left: files.length })) {
	console.log(`${name.replace("_", " ").padEnd(14)}${String(count).padStart(8)}`);
}
const isGood = isUnharmed(tally) && files.length === 0;
const seconds = Math.round((performance.now() - begun) / 1000);
console.log(isGood ? `all as it must be, in ${seconds} s` : "NOT as it must be");
process.exit(isGood ? 0 : 1);
