import { readFileSync } from "node:fs";
import { join } from "node:path";
import { handOver } from "./mailbox-certificate.ts";

// Preloaded by bunfig.toml. Most tests wait for programs, and plain `bun test` runs one file
// after the other, which takes three times as long. Bun 1.4 runs files in parallel only with a
// flag, for which there is no setting: so a run of all tests restarts itself with the flag.

/** How many files run at once: with more, a browser among them keeps the others waiting for too long. */
const FILES = 3;

/**
 * How many milliseconds each file takes: the longest start first, so that a run does not end with
 * waiting for one. Bun takes a file that is not listed for one of average length, so all are.
 * `bun test --parallel=3 --timings=FILE --update-timings` measures them.
 */
const TIMINGS = join(import.meta.dir, "..", "timings.json");

/** The arguments after `bun`; empty on a system that does not tell them. */
function commandLine(): string {
	try {
		return readFileSync("/proc/self/cmdline", "utf8").split("\0").slice(1, -1).join(" ");
	} catch {
		return "";
	}
}

if (commandLine() === "test") {
	const command = [process.execPath, "test", `--parallel=${FILES}`, `--timings=${TIMINGS}`];
	const { exitCode } = Bun.spawnSync(command, {
		env: { ...process.env, ...(await handOver()) },
		stdio: ["inherit", "inherit", "inherit"],
	});
	process.exit(exitCode);
}
