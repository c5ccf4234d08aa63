import { readFileSync } from "node:fs";
import { usage } from "../support/crowd.ts";

/** Clock ticks a second in which Linux counts a process's time, on every machine that Bun runs on. */
const TICKS = 100;

/** Milliseconds between two looks at a process's memory. */
const LOOK = 100;
/** Looks in a row that must find the same, within this many bytes, for memory to stand still. */
const STILL = 10;
const SAME = 256 * 1024;
const MOST_LOOKS = 600;

/** Seconds on a processor that the system has counted for a process, its own and the kernel's for it. */
export function cpuSeconds(pid: number): number {
	const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
	// The name, in parentheses, may hold spaces; user and system time are the 12th and 13th after it.
	const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
	return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** Bytes of a process that are in memory, once they have stopped moving. */
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
