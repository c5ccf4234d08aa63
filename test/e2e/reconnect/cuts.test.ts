import { expect, test } from "bun:test";
import { isUnharmed } from "./converse.ts";
import { storm } from "./storm.ts";

// For a thousand cuts, and checks too slow for a test, run: bun test/long/cuts.ts

test("30 connections cut while 8 members talk: every echoed message once, in order, everywhere", async () => {
	const seed = Math.floor(Math.random() * 2 ** 32);
	const { cuts, tally } = await storm(seed, 30);
	console.log(`seed ${seed}`, { cuts, ...tally });
	expect(tally).toSatisfy(isUnharmed);
	expect(cuts).toBeGreaterThanOrEqual(30);
	expect(tally.returns).toBeGreaterThan(15);
	expect(tally.said).toBeGreaterThan(30);
	expect(tally.told).toBeGreaterThan(2);
}, 90_000);
