import { readFileSync } from "node:fs";

/** Clock ticks a second in which Linux counts a process's time, on every machine that Bun runs on. */
const TICKS = 100;

/** Seconds on a processor that the system has counted for a process, its own and the kernel's for it. */
export function cpuSeconds(pid: number): number {
	const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
	// The name, in parentheses, may hold spaces; user and system time are the 12th and 13th after it.
	const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
	return (Number(fields[11]) + Number(fields[12])) / TICKS;
}
