#!/usr/bin/env bun
// Draws chart.svg from results.json.

import { join } from "node:path";
import { bars } from "./bars.ts";
import { curves } from "./curves.ts";
import { describe } from "./machine.ts";
import { label, type Panel } from "./panel.ts";
import type { Report } from "./report.ts";

export const RESULTS = join(import.meta.dir, "results.json");
export const CHART = join(import.meta.dir, "chart.svg");

const WIDTH = 800;
const TITLE = 30;
const FOOT = 58;

/** A colour for each contender; the card and the ink follow the reader's light or dark mode. */
const STYLE = `
.card { fill: #ffffff; } text { fill: #24292f; } .faint { fill: #59636e; } .axis { stroke: #d1d9e0; }
.c0 { color: #0969da; } .c1 { color: #bf8700; } .c2 { color: #8250df; } .c3 { color: #cf222e; } .c4 { color: #1a7f37; } .c5 { color: #1b7c83; }
.bar { fill: currentColor; } .line { stroke: currentColor; fill: none; stroke-width: 2; }
@media (prefers-color-scheme: dark) {
.card { fill: #0d1117; } text { fill: #e6edf3; } .faint { fill: #9198a1; } .axis { stroke: #3d444d; }
.c0 { color: #4493f8; } .c1 { color: #d29922; } .c2 { color: #ab7df8; } .c3 { color: #f85149; } .c4 { color: #3fb950; } .c5 { color: #39c5cf; }
}`;

function stack(panels: readonly (readonly [string, Panel])[]): Panel {
	let height = 0;
	const parts = panels.map(([title, panel]) => {
		const top = height;
		height += TITLE + panel.height;
		const heading = label(20, 20, title, 'font-weight="bold"');
		return `<g transform="translate(0 ${top})">${heading}<g transform="translate(0 ${TITLE})">\n${panel.svg}\n</g></g>`;
	});
	return { svg: parts.join("\n"), height };
}

/** The picture of test/bench/README.md: how many deliveries, and what each costs. */
export function chartOf({ command, date, machine, rows }: Report): string {
	const { svg, height } = stack([
		["Deliveries a second, by members of the room", bars(rows)],
		["Server CPU per delivery in microseconds, by members of the room", curves(rows)],
	]);
	const whole = `0 0 ${WIDTH} ${height + FOOT}`;
	const foot = [`${command}, ${date}: medians`, describe(machine)];
	const lines = foot.map((text, i) => label(20, height + 22 + 18 * i, text, 'class="faint"'));
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${whole}" font-family="system-ui, sans-serif" font-size="13">
<title>Deliveries a second and their cost: fernet-chat and its peers</title>
<style>${STYLE}</style>
<rect class="card" width="100%" height="100%" rx="8"/>
${svg}
${lines.join("\n")}
</svg>
`;
}

if (import.meta.main) await Bun.write(CHART, chartOf(await Bun.file(RESULTS).json()));
