const PROBE = ["-c", "import cryptography.fernet"];

let found: string | null | undefined;

/** The first Python on this machine that has the `cryptography` package, or null. */
export function pythonWithFernet(): string | null {
	found ??= ["python3", "/usr/bin/python3"].find(hasFernet) ?? null;
	return found;
}

/** The same, for tests that cannot do without it; `bun run test` installs the package. */
export function requirePython(): string {
	const python = pythonWithFernet();
	if (python === null)
		throw new Error("Python's cryptography is missing: bun test/setup.ts brings it");
	return python;
}

function hasFernet(python: string): boolean {
	return Bun.which(python) !== null && Bun.spawnSync([python, ...PROBE]).success;
}

export const INSTALL_PYTHON = "apt-get install python3-cryptography";
