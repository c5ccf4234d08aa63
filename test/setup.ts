#!/usr/bin/env bun
// Gets what the tests need beside package.json: `bun run test` begins with it. It installs
// Debian's packages where it may. Otherwise it prints the one line to type and fails, so that
// no test is skipped silently.

import { existsSync } from "node:fs";
import { FAKETIME } from "./support/wall-clock.ts";

/** Debian's own Python: another one in the path does not see Debian's packages. */
const PYTHON = "/usr/bin/python3";

interface Need {
	/** The name of the Debian package. */
	readonly name: string;
	readonly purpose: string;
	readonly isThere: () => boolean;
}

const succeeds = (...command: string[]): boolean => {
	if (Bun.which(command[0] ?? "") === null) return false;
	return Bun.spawnSync(command, { stdout: "ignore", stderr: "ignore" }).success;
};

const NEEDS: readonly Need[] = [
	{
		name: "python3-cryptography",
		purpose: "the client and the tokens of another language",
		isThere: () => succeeds(PYTHON, "-c", "import cryptography.fernet"),
	},
	{
		name: "libfaketime",
		purpose: "a wall clock that a test can set",
		isThere: () => FAKETIME.length > 0,
	},
	{
		name: "iproute2",
		purpose: "two machines, each in a network namespace",
		isThere: () => succeeds("ip", "-V"),
	},
	{
		name: "tzdata",
		purpose: "time zones by path and by rule",
		isThere: () => existsSync("/usr/share/zoneinfo/Europe/Berlin"),
	},
	{
		name: "git",
		purpose: "an upgrade of a copy of the repository",
		isThere: () => Bun.which("git") !== null,
	},
	{
		name: "npm",
		purpose: "the package on a machine that has Node alone",
		isThere: () => Bun.which("npm") !== null,
	},
	{
		name: "zsh",
		purpose: "pasting printed commands into it",
		isThere: () => Bun.which("zsh") !== null,
	},
	{
		name: "fish",
		purpose: "pasting printed commands into it",
		isThere: () => Bun.which("fish") !== null,
	},
	{
		name: "tcsh",
		purpose: "pasting printed commands into it",
		isThere: () => Bun.which("tcsh") !== null,
	},
	{
		name: "exfat-fuse",
		purpose: "folders without file modes and hard links",
		isThere: () => existsSync("/usr/sbin/mount.exfat-fuse"),
	},
	{
		name: "exfatprogs",
		purpose: "making their disk",
		isThere: () => existsSync("/usr/sbin/mkfs.exfat"),
	},
	{
		name: "tmux",
		purpose: "a shell with job control",
		isThere: () => succeeds("tmux", "-V"),
	},
	{
		name: "redis-server",
		purpose: "a room that many servers share",
		isThere: () => succeeds("redis-server", "--version"),
	},
	{
		name: "chromium",
		purpose: "the page in a real browser",
		isThere: () => existsSync("/usr/bin/chromium"),
	},
	{
		name: "systemd",
		purpose: "judging the units",
		isThere: () => Bun.which("systemd-analyze") !== null,
	},
	{
		name: "inspircd",
		purpose: "a peer for the bench",
		isThere: () => existsSync("/usr/sbin/inspircd"),
	},
];

/** The prefix of a command that only root may run; null where we cannot become root. */
function asRoot(): string[] | null {
	if (process.getuid?.() === 0) return [];
	return succeeds("sudo", "-n", "true") ? ["sudo", "-n"] : null;
}

function install(names: readonly string[]): boolean {
	const prefix = asRoot();
	if (prefix === null || Bun.which("apt-get") === null) return false;
	const apt = (...args: string[]): boolean =>
		Bun.spawnSync([...prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", ...args], {
			stdio: ["ignore", "inherit", "inherit"],
		}).success;
	return apt("update", "-q") && apt("install", "-qy", "--no-install-recommends", ...names);
}

const missing = NEEDS.filter(({ isThere }) => !isThere());
for (const { name, purpose } of missing) console.log(`The tests need ${name}: ${purpose}.`);
if (missing.length > 0) {
	const names = missing.map(({ name }) => name);
	if (!install(names) || !missing.every(({ isThere }) => isThere())) {
		console.error(`Install what is missing, and run the tests again:\n
	sudo apt-get install --no-install-recommends ${names.join(" ")}\n`);
		process.exit(1);
	}
}
if (process.getuid?.() !== 0) {
	console.log(`You are not root: the test of two networks uses a proxy instead, two containers may
share this machine, and what takes another user's files or a disk of its own is left out.`);
}
