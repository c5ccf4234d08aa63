import type { Row, Spread } from "./figures.ts";
import type { Machine } from "./machine.ts";
import { type Bound, boundOf, holds } from "./requirements.ts";

/** A row, and the bound that its ratio must keep. */
export interface Judged extends Row {
	readonly bound?: Bound;
	readonly holds?: boolean;
}

/** The full results of a run. */
export interface Report {
	readonly command: string;
	readonly date: string;
	readonly machine: Machine;
	readonly rows: readonly Judged[];
}

export function judge(row: Row): Judged {
	const bound = boundOf(row);
	return bound ? { ...row, bound, holds: holds(bound, (row.ratio ?? row.value).median) } : row;
}

/** Three digits: more would be noise. */
const DIGITS = new Intl.NumberFormat("en", {
	minimumSignificantDigits: 3,
	maximumSignificantDigits: 3,
});

export const show = (value: number): string => DIGITS.format(value);

const showSpread = ({ median, least, most }: Spread): string[] => [
	show(median),
	`${show(least)} to ${show(most)}`,
];

const HEADER = ["", "", "", "", "least to most", "ours/it", "least to most", "must", ""];

function verdict({ bound, holds }: Judged): string[] {
	if (!bound) return ["", ""];
	return ["least" in bound ? `>= ${bound.least}` : `<= ${bound.most}`, holds ? "ok" : "MISSED"];
}

function cells(row: Judged): string[] {
	const ratio = row.ratio ? showSpread(row.ratio) : ["", ""];
	const [median = "", range = ""] = showSpread(row.value);
	return [`${row.what}, ${row.unit}`, row.size, row.who, median, range, ...ratio, ...verdict(row)];
}

/** Columns whose figures align on the right. */
const RIGHT = new Set([3, 5]);

/** A table for a terminal. */
export function table(rows: readonly Judged[]): string {
	const lines = [HEADER, ...rows.map(cells)];
	const widths = HEADER.map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)));
	const pad = (cell: string, i: number): string =>
		RIGHT.has(i) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0);
	return lines.map((line) => line.map(pad).join("  ").trimEnd()).join("\n");
}
