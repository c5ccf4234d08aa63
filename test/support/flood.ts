import { existsSync } from "node:fs";
import { join } from "node:path";
import { Guest, median, usage } from "./crowd.ts";
import { eventually } from "./eventually.ts";
import { noise } from "./noise.ts";
import type { Stage } from "./programs.ts";

export const MIB = 1024 * 1024;
/** As long as a text may be. */
const TEXT_LENGTH = 8192;
/** How many lines are on their way at once. */
const WINDOW = 16;
/** Flags for a room that allows many messages, and keeps few for members that do not read. */
export const FLOOD_FLAGS = [
	["--queue-bytes", MIB],
	["--message-rate", 1_000_000],
	["--message-burst", 1_000_000],
	["--address-logins", 1_000_000],
	["--max-per-address", 100_000],
]
	.flat()
	.map(String);

/** Bytes that a server may use beside its queues: what a first flood leaves in its heap. */
export const SLACK = 64 * MIB;

/** Says `bytes` of text that hardly compresses, as fast as the server echoes it. */
export async function broadcast(loud: Guest, bytes: number): Promise<void> {
	for (let said = 0; said < bytes; said += WINDOW * TEXT_LENGTH) {
		await Promise.all(Array.from({ length: WINDOW }, () => loud.say(noise(TEXT_LENGTH))));
	}
}

/** The median time, in milliseconds, of a member's echoes until `work` is done. */
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

/** The server deletes a member's key when it drops the connection. */
export async function waitUntilReleased(stage: Pick<Stage, "keys">, guest: Guest): Promise<void> {
	const file = join(stage.keys, `${guest.id}.key`);
	await eventually(`${guest.name} let go`, () => !existsSync(file));
}

export interface Figures {
	/** Median milliseconds: while all members read, and while some do not. */
	readonly before: number;
	readonly during: number;
	/** The server's memory in bytes: after a flood without stalled readers, and its peak. */
	readonly base: number;
	readonly peak: number;
	readonly stalled: Guest[];
	/** Events that reached the reading members out of order or twice, or not at all. */
	readonly faults: string[];
}

/** Broadcasts `bytes` twice: to members that read, and then also to some that do not. */
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
