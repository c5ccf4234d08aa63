import { expect, test } from "bun:test";
import { isUnharmed } from "./converse.ts";
import { killing } from "./killing.ts";

// For two hundred kills, run: bun test/long/kills.ts

test("a server killed 5 times while 12 members talk: every echoed message once, in order, everywhere", async () => {
	const seed = Math.floor(Math.random() * 2 ** 32);
	const { kills, tally, files } = await killing(seed, { kills: 5, life: 700 });
	console.log(`seed ${seed}`, { kills, ...tally });
	expect(tally).toSatisfy(isUnharmed);
	expect(files).toEqual([]);
	expect(kills).toBeWithin(5, 7);
	// Each of them at least once.
	expect(tally.returns).toBeGreaterThanOrEqual(12);
	expect(tally.said).toBeGreaterThan(100);
	expect(tally.told).toBeGreaterThan(2);
}, 120_000);
