import { expect, test } from "bun:test";
import { isUnharmed } from "../reconnect/converse.ts";
import { breaking } from "./breaking.ts";

// For hundreds of faults, and longer ones, run: bun run servers

test("three servers, Redis and networks break while 12 members talk: every echoed message once, in order, everywhere", async () => {
	const seed = Math.floor(Math.random() * 2 ** 32);
	const how = { rounds: 1, most: 1000, long: 0, pause: 100 };
	const { deeds, tally, ...rest } = await breaking(seed, how);
	console.log(`seed ${seed}`, { ...deeds, ...tally });
	expect(rest).toEqual({ faults: [], codes: [0, 0, 0], left: [] });
	expect(tally).toSatisfy(isUnharmed);
	expect(Object.keys(deeds)).toHaveLength(13);
	expect(tally.returns).toBeGreaterThan(5);
	expect(tally.said).toBeGreaterThan(50);
	expect(tally.told).toBeGreaterThan(2);
}, 120_000);
