import { describe, expect, test } from "bun:test";
import { type Pauses, waits } from "../../../../lib/client/net/retry.ts";

// How long a client that lost its server waits: all of a room's clients lose it in the same moment.

const first = (count: number, pauses: Pauses, random: () => number): number[] =>
	waits(pauses, random).take(count).toArray();

describe.each([
	{ first: 250, factor: 2, max: 10_000 },
	{ first: 500, factor: 4, max: 120_000 },
	{ first: 1, factor: 1, max: 1 },
])("pauses from $first by $factor to $max ms", (pauses) => {
	const grown = Array.from({ length: 12 }, (_, attempt) =>
		Math.min(pauses.first * pauses.factor ** attempt, pauses.max),
	);

	test("grow up to the longest, by half as much less or more", () => {
		expect(first(12, pauses, () => 0.5)).toEqual(grown);
		expect(first(12, pauses, () => 0)).toEqual(grown.map((wait) => wait / 2));
		expect(first(12, pauses, () => 1)).toEqual(grown.map((wait) => wait * 1.5));
	});

	test("are not those of another client", () => {
		const [one, other] = [first(12, pauses, Math.random), first(12, pauses, Math.random)];
		expect(one).not.toEqual(other);
		for (const [attempt, wait] of one.entries()) {
			const middle = grown[attempt] ?? 0;
			expect(wait).toBeWithin(middle / 2, middle * 1.5);
		}
	});
});
