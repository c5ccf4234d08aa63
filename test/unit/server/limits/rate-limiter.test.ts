import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
	AccountAndNetworkLimiter,
	SlidingWindowLimiter,
	TokenBucket,
} from "../../../../lib/server/limits/rate-limiter.ts";

const MINUTE = 60_000;
const START = 1_000_000;

/** Takes tokens while there are any; returns how many. */
function taken(bucket: TokenBucket, most: number, now: number): number {
	let many = 0;
	for (; many < most && bucket.wait(now) === 0; many++) bucket.take(1, now);
	return many;
}

describe("a bucket", () => {
	test("gives a burst at once, and the one more is not there", () => {
		const bucket = new TokenBucket(1, 3, START);
		for (let i = 0; i < 3; i++) {
			expect(bucket.wait(START)).toBe(0);
			bucket.take(1, START);
		}
		expect(bucket.wait(START)).toBe(1000);
	});

	test("fills at its rate, in fractions too, however often somebody looks", () => {
		const bucket = new TokenBucket(2, 2, START);
		for (let i = 0; i < 2; i++) bucket.take(1, START);
		for (let now = START; now < START + 500; now += 10) {
			expect(bucket.wait(now)).toBeCloseTo(START + 500 - now);
		}
		expect(bucket.wait(START + 501)).toBe(0);
	});

	test("holds no more than a burst, however long nothing is taken", () => {
		const bucket = new TokenBucket(1000, 3, START);
		expect(taken(bucket, 10, START + 1000 * MINUTE)).toBe(3);
	});

	test("holds no more than a burst of what flowed in before something is taken", () => {
		const bucket = new TokenBucket(10, 100, START);
		bucket.take(64, START);
		bucket.take(64, START + 10_000);
		expect(taken(bucket, 100, START + 10_000)).toBe(36);
	});

	test("is in debt to who took what was not there", () => {
		const bucket = new TokenBucket(1, 1, START);
		for (let i = 0; i < 5; i++) bucket.take(1, START);
		expect(bucket.wait(START + 4999)).toBeCloseTo(1);
		expect(bucket.wait(START + 5001)).toBe(0);
	});

	test("gives many at once as it gives them one by one, and none for nothing", () => {
		const bucket = new TokenBucket(1, 3, START);
		bucket.take(0, START);
		bucket.take(3, START);
		expect(bucket.wait(START)).toBe(1000);
		bucket.take(64, START);
		expect(bucket.wait(START)).toBe(65_000);
	});

	test("of a person's paste: 300 at once, and 30 a second after it", () => {
		const bucket = new TokenBucket(30, 300, START);
		expect(taken(bucket, 400, START)).toBe(300);
		expect(taken(bucket, 400, START + 1000)).toBe(30);
		expect(taken(bucket, 400, START + 61_000)).toBe(300);
	});

	test("in no time gives more than its burst and what flowed in", () => {
		const number = fc.integer({ min: 1, max: 50 });
		const takes = fc.record({ pause: fc.integer({ min: 0, max: 500 }), count: fc.nat(64) });
		fc.assert(
			fc.property(number, number, fc.array(takes, { maxLength: 100 }), (rate, burst, takes) => {
				const bucket = new TokenBucket(rate, burst, START);
				let now = START;
				let given = 0;
				for (const { pause, count } of takes) {
					now += pause;
					if (bucket.wait(now) > 0) continue;
					bucket.take(count, now);
					given += count;
					// What is taken last may be on credit.
					expect(given - count).toBeLessThanOrEqual(burst + ((now - START) / 1000) * rate + 1e-6);
				}
			}),
		);
	});
});

/** Counts an attempt if it is allowed; returns how long to wait for it. */
function attempt(limiter: SlidingWindowLimiter, key: string, now: number): number {
	const wait = limiter.wait(key, now);
	if (wait === 0) limiter.count(key, now);
	return wait;
}

describe("attempts", () => {
	test("are limited per minute for each key, and the waiting time is given", () => {
		const attempts = new SlidingWindowLimiter(3, MINUTE);
		const times = [0, 10_000, 20_000];
		for (const time of times) expect(attempt(attempts, "ann", START + time)).toBe(0);
		expect(attempt(attempts, "ann", START + 20_000)).toBe(40_000);
		expect(attempt(attempts, "bob", START + 20_000)).toBe(0);
		expect(attempt(attempts, "ann", START + MINUTE - 1)).toBe(1);
		expect(attempt(attempts, "ann", START + MINUTE)).toBe(0);
		// The next wait counts from the second attempt.
		expect(attempt(attempts, "ann", START + MINUTE)).toBe(10_000);
	});

	test("that were refused do not count: who waits as told is let in", () => {
		const attempts = new SlidingWindowLimiter(1, MINUTE);
		expect(attempt(attempts, "ann", START)).toBe(0);
		for (let i = 1; i < 60; i++) {
			expect(attempt(attempts, "ann", START + i * 1000)).toBe(MINUTE - i * 1000);
		}
		expect(attempt(attempts, "ann", START + MINUTE)).toBe(0);
	});

	test("in no minute are more than allowed", () => {
		const pauses = fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 100 });
		fc.assert(
			fc.property(fc.integer({ min: 1, max: 5 }), pauses, (most, pauses) => {
				const attempts = new SlidingWindowLimiter(most, MINUTE);
				const allowed: number[] = [];
				let now = START;
				for (const pause of pauses) {
					now += pause;
					const [used, left] = [attempts.used("ann", now), attempts.left("ann", now)];
					const wait = attempt(attempts, "ann", now);
					expect([left > 0, used + left]).toEqual([wait === 0, most]);
					expect(wait).toBeGreaterThanOrEqual(0);
					if (wait === 0) allowed.push(now);
					expect(allowed.filter((time) => now - time < MINUTE).length).toBeLessThanOrEqual(most);
				}
			}),
		);
	});

	test("of countless keys are bounded: at the bound new keys wait, and no key is forgotten", () => {
		const limiter = new SlidingWindowLimiter(1, MINUTE);
		expect(attempt(limiter, "victim", START)).toBe(0);
		let allowed = 1;
		for (let i = 0; i < 150_000; i++) {
			if (attempt(limiter, `invented ${i}`, START + 1000) === 0) allowed++;
		}
		expect(allowed).toBe(100_000);
		expect(limiter.wait("victim", START + 1000)).toBe(MINUTE - 1000);
		expect(limiter.wait("invented 7", START + 1000)).toBe(MINUTE);
		// A newcomer waits until the oldest key has run out, and only that one has made room.
		expect(attempt(limiter, "newcomer", START + 1000)).toBe(MINUTE - 1000);
		expect(attempt(limiter, "newcomer", START + MINUTE)).toBe(0);
		expect(attempt(limiter, "another", START + MINUTE)).toBe(1000);
		expect(limiter.wait("invented 7", START + MINUTE)).toBe(1000);
		expect(attempt(limiter, "another", START + MINUTE + 1000)).toBe(0);
	});

	test("that are only asked about are not counted, however many keys are invented", () => {
		const limiter = new SlidingWindowLimiter(1, MINUTE);
		for (let i = 0; i < 150_000; i++) limiter.wait(`invented ${i}`, START);
		expect(attempt(limiter, "ann", START)).toBe(0);
	});
});

describe("attempts by account and network", () => {
	const LIMITS = [
		[
			"invented accounts from as many networks",
			(i: number) => [`a${i}`, `10.${i >> 8}.0.${i & 255}`],
		],
		["one network's", (i: number) => [`a${i}`, "10.0.0.1"]],
		["one account's", (i: number) => ["eve", `10.${i >> 8}.0.${i & 255}`]],
	] as const;
	test.each(LIMITS)("10,010 more, %s, let nobody forget those of ann", (_, invent) => {
		const limiter = new AccountAndNetworkLimiter(3, 60, MINUTE);
		const tried = (accountKey: string, networkKey: string, now: number): boolean =>
			limiter.take({ accountKey, networkKey }, now) === 0;
		const anns = () => tried("ann", "192.0.2.7", START + 6000);
		expect([anns(), anns(), anns(), anns()]).toEqual([true, true, true, false]);
		for (let i = 0; i < 10_010; i++) {
			const [account = "", ip = ""] = invent(i);
			tried(account, ip, START + 6000);
		}
		expect(anns()).toBe(false);
		// And she uses up nothing of others from there.
		expect(tried("ben", "192.0.2.7", START + 6000)).toBe(true);
	});

	test("one that the account's limit refuses uses up nothing of the network's, nor the other way", () => {
		const limiter = new AccountAndNetworkLimiter(1, 2, MINUTE);
		const take = (accountKey: string, networkKey: string): number =>
			limiter.take({ accountKey, networkKey }, START);
		expect(take("ann", "192.0.2.7")).toBe(0);
		expect(take("ann", "192.0.2.7")).toBe(MINUTE);
		expect(take("ben", "192.0.2.7")).toBe(0);
		expect(take("eve", "192.0.2.7")).toBe(MINUTE);
		expect(take("eve", "192.0.2.8")).toBe(0);
	});
});
