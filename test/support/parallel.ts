import { readFileSync } from "node:fs";
import { testWithoutBrowser } from "./suite.ts";

// Preloaded by bunfig.toml. Most tests wait for programs, and plain `bun test` runs one file
// after the other, which takes three times as long. Bun 1.4 runs files in parallel only with a
// flag, for which there is no setting: so a run of all tests restarts itself with the flag.

/** The arguments after `bun`; empty on a system that does not tell them. */
function commandLine(): string {
	try {
		return readFileSync("/proc/self/cmdline", "utf8").split("\0").slice(1, -1).join(" ");
	} catch {
		return "";
	}
}

if (commandLine() === "test") process.exit(await testWithoutBrowser());
