import { readFileSync } from "node:fs";
import { usage } from "../support/crowd.ts";

/** Linux counts a process's time in ticks: this many a second wherever Bun runs. */
const TICKS = 100;

/** Milliseconds between two looks at a process's memory. */
const LOOK = 100;
/** Memory has settled when this many looks in a row differ by at most `SAME` bytes. */
const STILL = 10;
const SAME = 256 * 1024;
const MOST_LOOKS = 600;

/** Processor seconds of a process so far, in user mode and in the kernel. */
export function cpuSeconds(pid: number): number {
	const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
	// The name, in parentheses, may hold spaces; user and system time are the 12th and 13th after it.
	const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
	return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** Resident bytes of a process, once they have settled. */
export async function settledMemory(pid: number): Promise<number> {
	const seen: number[] = [];
	for (let look = 0; look < MOST_LOOKS; look++) {
		seen.push((await usage(pid)).rss);
		const newest = seen.slice(-STILL);
		const isStill = Math.max(...newest) - Math.min(...newest) <= SAME;
		if (newest.length === STILL && isStill) return Math.max(...newest);
		await Bun.sleep(LOOK);
	}
	throw new Error("a server's memory does not stop moving");
}
