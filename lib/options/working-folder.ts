import { existsSync } from "node:fs";
import { join } from "node:path";
import { canPaste, shellWord } from "../util/shell-word.ts";
import { UsageError } from "./parsers.ts";

// What lies in the working folder is not its user's word: a folder may come from anywhere. Bun obeys
// some of its files before the first line of a program, unless it is told not to.

/** The folder of the whole program: its own files count, because whoever wrote them wrote the rest. */
const ROOT = join(import.meta.dir, "..", "..");

interface Start {
	/** Null if it has been deleted. */
	readonly cwd: string | null;
	/** The flags for Bun itself. */
	readonly execArgv: readonly string[];
	/** The path of the entry script. */
	readonly main: string;
}

/** One of these modes chooses which files Bun reads, and the files themselves can name it anew. */
const MODES = ["", ".development", ".production", ".test"];
const VARIABLES = MODES.flatMap((mode) => [`.env${mode}`, `.env${mode}.local`]);

/** The names of the files that Bun may have read, if they are there. */
function filesRead({ execArgv }: Start): string[] {
	const isGiven = (flag: string): boolean =>
		execArgv.some((each) => each === flag || each.startsWith(`${flag}=`));
	return [
		...(isGiven("--no-env-file") ? [] : VARIABLES),
		...(isGiven("--config") ? [] : ["bunfig.toml"]),
	];
}

/**
 * Throws UsageError if the working folder has been deleted, and if Bun has obeyed a file of it: that
 * may set variables of ours, or turn off the checks of certificates. (Nothing can be done here about a
 * `bunfig.toml` that runs a program of its own: that has run.) An executable is built so that it obeys
 * none.
 */
export function assertWorkingFolder(start: Start): void {
	const { cwd } = start;
	if (cwd === null)
		throw new UsageError("The working folder has been deleted. Start it in another folder.");
	if (Bun.isStandaloneExecutable || cwd === ROOT) return;
	const file = filesRead(start).find((name) => existsSync(join(cwd, name)));
	if (file === undefined) return;
	const path = join(cwd, file);
	const command = canPaste(start.main)
		? `, which obeys no file there: ${shellWord(start.main)}`
		: "";
	throw new UsageError(
		`Bun has obeyed ${JSON.stringify(path)}, which is not part of fernet-chat. Start it in another folder, or by its path alone${command}`,
	);
}
