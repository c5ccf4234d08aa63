import { existsSync } from "node:fs";
import { join } from "node:path";
import { canPaste, shellWord } from "../util/shell-word.ts";
import { UsageError } from "./parsers.ts";

// What lies in the working folder is not its user's word: a folder may come from anywhere. Bun obeys
// some of its files before the first line of a program, unless it is told not to.

/** The folder of the whole program: its own files count, because whoever wrote them wrote the rest. */
const ROOT = join(import.meta.dir, "..", "..");

interface Start {
	readonly cwd: string;
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
 * Throws UsageError if Bun has obeyed a file of the working folder: it may set variables of ours, or
 * turn off the checks of certificates. (Nothing can be done here about a `bunfig.toml` that runs a
 * program of its own: that has run.) An executable is built so that it obeys none.
 */
export function assertFolderUnread(start: Start): void {
	if (Bun.isStandaloneExecutable || start.cwd === ROOT) return;
	const file = filesRead(start).find((name) => existsSync(join(start.cwd, name)));
	if (file === undefined) return;
	const path = join(start.cwd, file);
	const command = canPaste(start.main)
		? `, which obeys no file there: ${shellWord(start.main)}`
		: "";
	throw new UsageError(
		`Bun has obeyed ${JSON.stringify(path)}, which is not part of fernet-chat. Start it in another folder, or by its path alone${command}`,
	);
}
