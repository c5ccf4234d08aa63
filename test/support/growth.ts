const SIZE = 1024;
const FACTOR = 8;
const ROUNDS = 15;
const ATTEMPTS = 3;

/**
 * How many times as long some work takes when its input is eight times the size. The best of
 * several rounds counts, and of those the best attempt, so the speed and load of the machine hardly
 * matter. Linear work takes about 8 times as long, quadratic work 64 times.
 */
export function growth(work: (size: number) => void): number {
	const time = (size: number): number => {
		const start = performance.now();
		work(size);
		return performance.now() - start;
	};
	const attempt = (): number => {
		let [small, large] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
		// In turn, so that both have the same load beside them.
		for (let round = 0; round < ROUNDS; round++) {
			small = Math.min(small, time(SIZE));
			large = Math.min(large, time(SIZE * FACTOR));
		}
		return large / small;
	};
	return Math.min(...Array.from({ length: ATTEMPTS }, attempt));
}

/** Between the 8 of linear work and the 64 of quadratic work. */
export const MAX_GROWTH = 24;
