const SIZE = 1024;
const FACTOR = 8;
const ROUNDS = 15;

/**
 * How many times as long some work takes for eight times the size, each the best of several: no
 * matter how fast the machine is, or how busy. What goes through its input once takes about 8 times
 * as long, what goes through it again at each step 64 times.
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

/** Between once through the input and again at each step. */
export const MAX_GROWTH = 24;
