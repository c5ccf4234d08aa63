const SIZE = 1024;
const FACTOR = 8;
const ROUNDS = 15;

/**
 * How many times as long some work takes when its input is eight times the size. The best of
 * several rounds counts, so the speed and load of the machine hardly matter. Linear work takes
 * about 8 times as long, quadratic work 64 times.
 */
export function growth(work: (size: number) => void): number {
	const best = (size: number): number =>
		Math.min(
			...Array.from({ length: ROUNDS }, () => {
				const start = performance.now();
				work(size);
				return performance.now() - start;
			}),
		);
	best(SIZE);
	return best(SIZE * FACTOR) / best(SIZE);
}

/** Between the 8 of linear work and the 64 of quadratic work. */
export const MAX_GROWTH = 24;
