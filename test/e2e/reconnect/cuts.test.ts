import { expect, test } from "bun:test";
import { isUnharmed, storm } from "./storm.ts";

// For a thousand cuts, and checks too slow for a test, run: bun test/long/cuts.ts

test("120 connections cut while 8 members talk: every echoed message once, in order, everywhere", async () => {
	const seed = Math.floor(Math.random() * 2 ** 32);
	const tally = await storm(seed, 120);
	console.log(`seed ${seed}`, tally);
	expect(tally).toSatisfy(isUnharmed);
	expect(tally.cuts).toBeGreaterThanOrEqual(120);
	expect(tally.returns).toBeGreaterThan(60);
	expect(tally.said).toBeGreaterThan(100);
	expect(tally.told).toBeGreaterThan(5);
}, 90_000);
