import { readFileSync } from "node:fs";

// Preloaded by bunfig.toml. Most tests wait for programs, and plain `bun test` lets one file wait after
// the other, which takes three times as long. Bun 1.4 runs files at once if a flag says so, and has no
// setting for it: so a run of everything starts itself again with the flag.

/** Files that run at once. */
const FILES = 4;

/** What followed `bun`; empty where the system does not tell. */
function commandLine(): string {
	try {
		return readFileSync("/proc/self/cmdline", "utf8").split("\0").slice(1, -1).join(" ");
	} catch {
		return "";
	}
}

if (commandLine() === "test") {
	const command = [process.execPath, "test", `--parallel=${FILES}`];
	const { exitCode } = Bun.spawnSync(command, { stdio: ["inherit", "inherit", "inherit"] });
	process.exit(exitCode);
}
