import { homedir } from "node:os";
import { join } from "node:path";

/** Puts the home folder in the place of a `~` that no shell has replaced, as none does after `=`. */
export const expandHome = (path: string): string =>
	/^~(\/|$)/.test(path) ? join(homedir(), path.slice(1)) : path;
