#!/usr/bin/env bun
// Compares our speed with others'. Usage: bun test/bench/bench.ts [--short] [SECTION...]
// A full run of all sections writes results.json and draws chart.svg. `--short` checks only
// that everything runs and every delivery is exact.

import { parseArgs } from "node:util";
import { CHART, chartOf, RESULTS } from "./chart.ts";
import { ENTRANTS, type Entrant } from "./contenders/entrants.ts";
import { fanout } from "./fanout.ts";
import type { Row } from "./figures.ts";
import { latency } from "./latency.ts";
import { describe, thisMachine } from "./machine.ts";
import { quiet } from "./quiet.ts";
import { type Judged, judge, type Report, table } from "./report.ts";
import { scale } from "./scale.ts";
import { start } from "./start.ts";
import { Tally } from "./tally.ts";
import { tokens } from "./tokens.ts";

const SECTIONS = { fanout, latency, quiet, scale, tokens, start };

type SectionName = keyof typeof SECTIONS;
const isSection = (name: string): name is SectionName => Object.hasOwn(SECTIONS, name);

function read(): { isShort: boolean; names: SectionName[] } {
	const { values, positionals } = parseArgs({
		options: { short: { type: "boolean", default: false } },
		allowPositionals: true,
	});
	const unknown = positionals.find((name) => !isSection(name));
	if (unknown !== undefined) throw new Error(`no section is called ${unknown}`);
	const names = positionals.length > 0 ? positionals : Object.keys(SECTIONS);
	return { isShort: values.short, names: names.filter(isSection) };
}

/** The entrants that are installed; prints how to install the others. */
function present(): Entrant[] {
	return ENTRANTS.filter((entrant) => {
		const command = entrant.missing();
		if (command !== null) console.log(`${entrant.name} is not installed, left out: ${command}`);
		return command === null;
	});
}

async function runAll(names: SectionName[], isShort: boolean, tally: Tally): Promise<Judged[]> {
	const entrants = present();
	const rows: Row[] = [];
	for (const name of names) {
		console.log(`${name} ...`);
		try {
			rows.push(...(await SECTIONS[name](entrants, isShort, tally)));
		} catch (error) {
			tally.failed++;
			console.error(error);
		}
	}
	// The figures of a short run mean nothing.
	return isShort ? rows : rows.map(judge);
}

const { isShort, names } = read();
const tally = new Tally();
const machine = thisMachine();
console.log(describe(machine));
const rows = await runAll(names, isShort, tally);
console.log(`\n${table(rows)}\n`);
if (tally.failed === 0 && names.length === Object.keys(SECTIONS).length) {
	const date = new Date().toISOString().slice(0, 10);
	const report: Report = { command: "bun run bench", date, machine, rows };
	const chart = chartOf(report);
	if (!isShort) {
		await Bun.write(RESULTS, `${JSON.stringify(report, null, "\t")}\n`);
		await Bun.write(CHART, chart);
	}
}
console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exit(tally.failed === 0 ? 0 : 1);
