import { existsSync } from "node:fs";
import { join } from "node:path";
import { Guest, median, usage } from "./crowd.ts";
import { eventually } from "./eventually.ts";
import type { Stage } from "./programs.ts";

export const MIB = 1024 * 1024;
/** The longest text there is. */
const TEXT = "x".repeat(8192);
/** Lines on their way at once. */
const WINDOW = 16;
/** Flags for a room in which much may be said, and little is kept for who does not read. */
export const FLOOD_FLAGS = [
	["--queue-bytes", MIB],
	["--message-rate", 1_000_000],
	["--message-burst", 1_000_000],
	["--address-logins", 1_000_000],
	["--max-per-address", 100_000],
]
	.flat()
	.map(String);

/** What a server may take beside its queues: what a first flood leaves in its heap. */
export const SLACK = 64 * MIB;

/** Says `bytes` of text, as fast as it is echoed. */
export async function broadcast(loud: Guest, bytes: number): Promise<void> {
	for (let said = 0; said < bytes; said += WINDOW * TEXT.length) {
		await Promise.all(Array.from({ length: WINDOW }, () => loud.say(TEXT)));
	}
}

/** The median of milliseconds that a member's line takes to come back, until `work` is done. */
export async function latencyDuring(member: Guest, work: Promise<void>): Promise<number> {
	let working = true;
	const done = work.finally(() => {
		working = false;
	});
	const times: number[] = [];
	while (working) {
		times.push(await member.say("tick"));
		await Bun.sleep(5);
	}
	await done;
	return median(times);
}

/** The server lets go of a member: its key is deleted with its connection. */
export async function waitUntilReleased(stage: Stage, guest: Guest): Promise<void> {
	const file = join(stage.keys, `${guest.id}.key`);
	await eventually(`${guest.name} let go`, () => !existsSync(file));
}

export interface Figures {
	/** Milliseconds, medians: while all read, and while some do not. */
	readonly before: number;
	readonly during: number;
	/** Bytes: the server's memory, after a first flood without stalled readers, and its peak. */
	readonly base: number;
	readonly peak: number;
	readonly stalled: Guest[];
	/** Out of order, missing or twice, at those who read. */
	readonly faults: string[];
}

/** `bytes` of text are broadcast twice: to members who read, and then also to some who do not. */
export async function flood(stage: Stage, bytes: number, stalledReaders: number): Promise<Figures> {
	await using loud = await Guest.join(stage, "loud");
	await using member = await Guest.join(stage, "member");
	const before = await latencyDuring(member, broadcast(loud, bytes));
	const { rss: base } = await usage(stage.server.pid);
	const stalled: Guest[] = [];
	for (let i = 0; i < stalledReaders; i++) {
		const guest = stage.tidy(await Guest.join(stage, `sleeper${i}`));
		guest.stall();
		stalled.push(guest);
	}
	let peak = 0;
	const watch = setInterval(async () => {
		peak = Math.max(peak, (await usage(stage.server.pid)).rss);
	}, 20);
	const during = await latencyDuring(member, broadcast(loud, bytes));
	clearInterval(watch);
	const faults = [...loud.faults, ...member.faults];
	return { before, during, base, peak, stalled, faults };
}
