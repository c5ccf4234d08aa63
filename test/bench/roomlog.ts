#!/usr/bin/env bun
// What it costs to keep the room in a file, and what a change of this program costs or brings.
// Usage: bun test/bench/roomlog.ts [CHECKOUT]
// Compares this server, with the room in memory, with the same under `--room`, and with the server
// of another checkout, whose packages must be installed: pairs in turn, all in one run.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Contender } from "./contenders/contender.ts";
import { FernetChat } from "./contenders/fernetchat.ts";
import { Crowd, type Run } from "./crowd.ts";
import { quantile, ratio } from "./figures.ts";

const SIZES = [32, 100, 1000];
const PAIRS = 9;
/** Texts without an echo that a sender may have, and about as many seconds for a run. */
const IN_FLIGHT = 256;
const SECONDS = 1;
/** A room that is not busy: texts a second, of how many members, and of each sender in a round. */
const QUIET = { rate: 200, size: 100, texts: 13 };

interface Side {
	readonly who: string;
	readonly crowd: Crowd;
	readonly values: number[];
	readonly cost: number[];
	/** What one member received for each text. */
	readonly bytes: number[];
}

/** The servers to compare, the first with each of the others, and a folder for a room file. */
async function openAll(folder: string, checkout?: string): Promise<[string, Contender][]> {
	const all: [string, Contender][] = [
		["in memory", await FernetChat.open()],
		["--room", await FernetChat.open("--room", join(folder, "room"))],
	];
	if (checkout === undefined) return all;
	const other = await import(join(resolve(checkout), "test/bench/contenders/fernetchat.ts"));
	return [...all, [checkout, await other.FernetChat.open()]];
}

/** How many texts of each sender take about a second. The runs that find it warm everything up. */
async function textsFor(crowd: Crowd): Promise<number> {
	for (let texts = 1; ; texts *= 4) {
		const { seconds } = await crowd.closedLoop(texts, IN_FLIGHT);
		if (seconds > SECONDS / 4) return Math.ceil((texts * SECONDS) / seconds);
	}
}

async function inTurn(sides: readonly Side[], run: (side: Side) => Promise<void>): Promise<void> {
	for (let pair = 0; pair < PAIRS; pair++) {
		for (const side of pair % 2 === 0 ? sides : sides.toReversed()) await run(side);
	}
}

/** The median of nine ratios; 96 times of 100 the true one lies between the second and the eighth. */
function print(
	what: string,
	ours: readonly number[],
	theirs: readonly number[],
	who: string,
): void {
	const { median } = ratio(ours, theirs);
	const sorted = ours.map((value, i) => value / (theirs[i] ?? Number.NaN)).sort((a, b) => a - b);
	const [low, high] = [sorted[1] ?? Number.NaN, sorted[PAIRS - 2] ?? Number.NaN];
	const figures = [median, low, high].map((figure) => figure.toFixed(3));
	console.log(`${what}: in memory / ${who} = ${figures[0]} (${figures[1]} to ${figures[2]})`);
}

async function compare(
	size: number,
	checkout: string | undefined,
	measure: (sides: readonly Side[]) => Promise<void>,
): Promise<[Side, ...Side[]]> {
	await using stack = new AsyncDisposableStack();
	const folder = mkdtempSync(join(tmpdir(), "fernet-chat-bench-"));
	stack.defer(() => rmSync(folder, { recursive: true }));
	const sides: Side[] = [];
	for (const [who, contender] of await openAll(folder, checkout)) {
		stack.use(contender);
		sides.push({
			who,
			crowd: stack.use(await Crowd.gather(contender, size)),
			values: [],
			cost: [],
			bytes: [],
		});
	}
	await measure(sides);
	return sides as [Side, ...Side[]];
}

const [checkout] = process.argv.slice(2);
for (const size of SIZES) {
	const [ours, ...others] = await compare(size, checkout, async (sides) => {
		const texts = new Map<Side, number>();
		for (const side of sides) texts.set(side, await textsFor(side.crowd));
		const most = Math.max(...texts.values());
		await inTurn(sides, async ({ crowd, values, cost, bytes }) => {
			const run: Run = await crowd.closedLoop(most, IN_FLIGHT);
			values.push(run.deliveries / run.seconds);
			cost.push(run.cpuSeconds / run.deliveries);
			bytes.push((run.bytes * size) / run.deliveries);
		});
	});
	for (const { who, values, cost, bytes } of others) {
		print(`${size} members, deliveries a second`, ours.values, values, who);
		print(`${size} members, processor time a delivery`, ours.cost, cost, who);
		print(`${size} members, bytes a delivery`, ours.bytes, bytes, who);
	}
}
const sides = await compare(QUIET.size, checkout, (all) =>
	inTurn(all, async ({ crowd, values }) => {
		values.push(quantile(await crowd.openLoop(QUIET.texts, QUIET.rate), 0.5));
	}),
);
for (const { who, values } of sides) {
	const median = quantile(values, 0.5).toFixed(2);
	console.log(`${QUIET.size} members, ${QUIET.rate} texts/s: ${who}, median latency ${median} ms`);
}
