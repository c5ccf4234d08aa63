#!/usr/bin/env bun

// Twelve members talk while three servers of one room, their Redis, and the networks between them
// are killed, frozen, cut and silent, some for longer than the servers wait for each other, and while
// the log grows so fast that Redis drops what lagging servers have yet to read. Then Redis' file is
// cut off at every byte of its last entry. Usage: bun test/long/servers.ts [ROUNDS] [SEED]

import { isUnharmed } from "../e2e/reconnect/converse.ts";
import { breaking, CERTAIN_DEEDS } from "../e2e/servers/breaking.ts";
import { ENTRIES, withCutLogs } from "../unit/server/redis-log/cut-logs.ts";

/** Bytes a second that are added to the log: it exceeds its limit every eight seconds. */
const BALLAST = 1024 * 1024;
const [rounds = "10", seed = String(Math.floor(Math.random() * 2 ** 32))] = process.argv.slice(2);
console.log(`seed ${seed}: bun test/long/servers.ts ${rounds} ${seed}`);
const begun = performance.now();
const show = (counts: Readonly<Record<string, number>>): void => {
	for (const [name, count] of Object.entries(counts)) {
		console.log(`${name.replace("_", " ").padEnd(18)}${String(count).padStart(8)}`);
	}
};

const how = { rounds: Number(rounds), most: 3000, long: 0.1, pause: 1500, ballast: BALLAST };
const { deeds, tally, faults, codes, left } = await breaking(Number(seed), how, (count) => {
	if (count % 10 === 0) console.log(`${count} faults`);
});
show({ ...deeds, ...tally, "server faults": faults.length, "keys in Redis": left.length });
for (const fault of faults) console.log(fault);
console.log(`the servers ended with ${codes.join(", ")}`);

let half = 0;
await withCutLogs(async ({ begin, end, read }) => {
	const cuts = Array.from({ length: end - begin }, (_, index) => begin + index);
	for (const entries of await read(cuts)) {
		const isWhole = entries.every((n, index) => n === index + 1) && entries.length === ENTRIES - 1;
		if (!isWhole) half++;
	}
	show({ "files cut off": cuts.length, "not as before": half });
});
const expected = [...Object.keys(CERTAIN_DEEDS), "snapshots", "records dropped"];
const missing = expected.filter((name) => !deeds[name]);
for (const name of missing) console.log(`there were none of these: ${name}`);
const isGood = isUnharmed(tally) && faults.length + left.length + half + missing.length === 0;
const seconds = Math.round((performance.now() - begun) / 1000);
const isRight = isGood && codes.every((code) => code === 0);
console.log(isRight ? `all as it must be, in ${seconds} s` : "NOT as it must be");
process.exit(isRight ? 0 : 1);
