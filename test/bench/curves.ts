import type { Row } from "./figures.ts";
import { label, type Panel } from "./panel.ts";

const LEFT = 80;
const WIDTH = 520;
const HEIGHT = 200;
/** Space below the drawing, for the sizes. */
const FOOT = 34;
/** Names at the ends of curves keep this far apart. */
const APART = 15;

/** The exponents of the powers of ten that enclose all values. */
function decades(values: readonly number[]): [number, number] {
	const logs = values.filter((value) => value > 0).map(Math.log10);
	return [Math.floor(Math.min(...logs)), Math.ceil(Math.max(...logs))];
}

const membersOf = (row: Row): number => Number.parseInt(row.size.replaceAll(",", ""), 10);

/** Names beside the ends of their curves, without overlaps. */
function names(ends: readonly { who: string; x: number; y: number }[]): string[] {
	let last = Number.NEGATIVE_INFINITY;
	return ends
		.toSorted((a, b) => a.y - b.y)
		.map(({ who, x, y }) => {
			last = Math.max(y + 4, last + APART);
			return label(x + 10, last, who, 'font-size="12"');
		});
}

function axes(sizes: readonly number[], [low, high]: [number, number], at: Scales): string[] {
	const powers = Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i));
	const grid = powers.map((value) => {
		const y = at.y(value).toFixed(1);
		const line = `<path class="axis" d="M${LEFT} ${y}H${LEFT + WIDTH}"/>`;
		const name = label(
			LEFT - 8,
			at.y(value) + 4,
			String(value),
			'text-anchor="end" font-size="12"',
		);
		return line + name;
	});
	const under = sizes.map((size) => {
		const name = size.toLocaleString("en");
		return label(at.x(size), HEIGHT + 20, name, 'text-anchor="middle" font-size="12"');
	});
	return [...grid, ...under];
}

interface Scales {
	x(members: number): number;
	y(micros: number): number;
}

/** The cost of a delivery by room size, a curve for each contender; both axes logarithmic. */
export function curves(rows: readonly Row[]): Panel {
	const costs = rows.filter(({ what }) => what === "server CPU per delivery");
	const sizes = [...new Set(costs.map(membersOf))];
	const range = decades(costs.map(({ value }) => value.median));
	const [first, last] = [Math.log10(sizes[0] ?? 1), Math.log10(sizes.at(-1) ?? 1)];
	const at: Scales = {
		x: (members) => LEFT + 20 + ((Math.log10(members) - first) / (last - first)) * (WIDTH - 40),
		y: (micros) => 8 + ((range[1] - Math.log10(micros)) / (range[1] - range[0])) * (HEIGHT - 8),
	};
	const ends: { who: string; x: number; y: number }[] = [];
	const lines = [...Map.groupBy(costs, ({ who }) => who)].map(([who, row], colour) => {
		const points = row.map((of) => ({ x: at.x(membersOf(of)), y: at.y(of.value.median) }));
		ends.push({ who, ...(points.at(-1) ?? { x: 0, y: 0 }) });
		const path = points.map(({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L");
		return `<path class="line c${colour}" d="M${path}"/>`;
	});
	const svg = [...axes(sizes, range, at), ...lines, ...names(ends)].join("\n");
	return { svg, height: HEIGHT + FOOT };
}
