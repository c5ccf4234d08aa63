import { OVER_TLS } from "./contenders/entrants.ts";
import type { Row } from "./figures.ts";
import { label, type Panel } from "./panel.ts";
import { show } from "./report.ts";

const BAR = 15;
const STEP = 19;
const GROUP_GAP = 12;
/** Where the bars begin, and the length of the longest. */
const LEFT = 220;
const LENGTH = 400;

function bar(row: Row, colour: number, y: number, most: number): string {
	const length = Math.max(1, (row.value.median / most) * LENGTH);
	const shape = `<rect class="bar c${colour}" x="${LEFT}" y="${y}" width="${length.toFixed(1)}" height="${BAR}" rx="2"/>`;
	const ratio = row.ratio ? ` (ours: ${show(row.ratio.median)}×)` : "";
	const end = label(LEFT + length + 6, y + 12, show(row.value.median) + ratio, 'font-size="12"');
	return `${label(LEFT - 8, y + 12, row.who, 'text-anchor="end" font-size="12"')}${shape}${end}`;
}

/** A group of bars for each size of the room, one for each contender. */
export function bars(rows: readonly Row[]): Panel {
	const deliveries = rows.filter(
		({ what, who }) =>
			what === "deliveries" || (what === "deliveries over TLS" && who === OVER_TLS.name),
	);
	const names = [...new Set(deliveries.map(({ who }) => who))];
	const most = Math.max(...deliveries.map(({ value }) => value.median));
	const parts: string[] = [];
	let y = 0;
	for (const [size, group] of Map.groupBy(deliveries, (row) => row.size)) {
		parts.push(label(20, y + 12, size));
		for (const row of group) {
			parts.push(bar(row, names.indexOf(row.who), y, most));
			y += STEP;
		}
		y += GROUP_GAP;
	}
	return { svg: parts.join("\n"), height: y };
}
