#!/usr/bin/env bun
// How long a key takes from the keyboard to the screen while a busy room scrolls by, and whether
// the client's memory stays bounded. Usage: bun test/bench/typing.ts [messages a second] [keys]

import { eventually } from "../support/eventually.ts";
import { PASSWORD } from "../support/mailbox.ts";
import { Peer } from "../support/peer.ts";
import { Stage } from "../support/programs.ts";
import { Screen } from "../support/terminal.ts";

const [rate = 1000, keys = 300] = process.argv.slice(2).map(Number);
const TICK = 10;

/** Resident memory of a process, in MiB. */
async function memoryOf(pid: number): Promise<number> {
	const status = await Bun.file(`/proc/${pid}/status`).text();
	return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

const quantile = (sorted: number[], part: number): number =>
	sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;

await using stage = await Stage.open("--message-rate", "1000000", "--message-burst", "1000000");
const speaker = await Peer.member(stage, "speaker");
const flagsOfClient = stage.clientArgs("--name", "typist", "--email", "typist@gmail.com");
await using screen = new Screen("client.ts", flagsOfClient, { cols: 100, rows: 30 });
await screen.waitForText("Password");
screen.type(`${PASSWORD}\r`);
await screen.waitForText("You are typist");

let spoken = 0;
const began = performance.now();
const timer = setInterval(() => {
	const due = ((performance.now() - began) / 1000) * rate;
	for (; spoken < due; spoken++) {
		speaker.send({ type: "say", id: String(spoken), text: `message ${spoken} of a busy room` });
	}
}, TICK);

const before = await memoryOf(screen.pid);
const times: number[] = [];
for (let key = 0; key < keys; key++) {
	// No message has these characters, so finding one means that the screen shows the key.
	const character = String.fromCodePoint(0x4e00 + key);
	const start = performance.now();
	const from = screen.written.length;
	screen.type(character);
	await eventually("the key", () => screen.written.indexOf(character, from) >= 0);
	times.push(performance.now() - start);
}
clearInterval(timer);
const seconds = (performance.now() - began) / 1000;
times.sort((a, b) => a - b);
const show = (part: number): string => `${quantile(times, part).toFixed(1)} ms`;
console.log(`${(spoken / seconds).toFixed(0)} messages a second, ${keys} keys:`);
console.log(`key to screen: median ${show(0.5)}, 90th percentile ${show(0.9)}, most ${show(1)}`);
console.log(
	`client memory: ${before.toFixed(0)} MiB before, ${(await memoryOf(screen.pid)).toFixed(0)} MiB after ${spoken} messages`,
);
