/** The median of some figures, and their extremes. */
export interface Spread {
	readonly median: number;
	readonly least: number;
	readonly most: number;
}

/** The value below which this part of all values lies. */
export function quantile(values: readonly number[], part: number): number {
	const sorted = values.toSorted((a, b) => a - b);
	return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

export function spread(values: readonly number[]): Spread {
	const sorted = values.toSorted((a, b) => a - b);
	const middle = (sorted.length - 1) / 2;
	const at = (index: number): number => sorted[index] ?? Number.NaN;
	const median = (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2;
	return { median, least: at(0), most: at(sorted.length - 1) };
}

/** Ratios round by round: the effect of a busy minute on both sides cancels out. */
export function ratio(over: readonly number[], under: readonly number[]): Spread {
	return spread(over.map((value, round) => value / (under[round] ?? Number.NaN)));
}

/** One line of the table. */
export interface Row {
	/** What was measured, in which unit and with how much. */
	readonly what: string;
	readonly unit: string;
	readonly size: string;
	/** The contender that was measured. */
	readonly who: string;
	readonly value: Spread;
	/** How ours compares with it. */
	readonly ratio?: Spread;
}

export interface Series {
	readonly who: string;
	readonly values: readonly number[];
}

/** Rows of one measurement: ours, then each other with its ratio according to `compare`. */
export function rows(
	of: Pick<Row, "what" | "unit" | "size">,
	[ours, ...others]: readonly Series[],
	compare: (ours: readonly number[], theirs: readonly number[]) => Spread = ratio,
): Row[] {
	if (!ours) return [];
	return [
		{ ...of, who: ours.who, value: spread(ours.values) },
		...others.map(({ who, values }) => ({
			...of,
			who,
			value: spread(values),
			ratio: compare(ours.values, values),
		})),
	];
}
