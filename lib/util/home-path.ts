import { homedir, userInfo } from "node:os";
import { isAbsolute, join } from "node:path";

/** The user's home folder. A HOME that is relative would have us write into the working folder. */
export function homeFolder(): string {
	const home = homedir();
	return isAbsolute(home) ? home : userInfo().homedir;
}

/** Puts the home folder in the place of a `~` that no shell has replaced, as none does after `=`. */
export const expandHome = (path: string): string =>
	/^~(\/|$)/.test(path) ? join(homeFolder(), path.slice(1)) : path;

/** The folder that an XDG variable names; null if it is unset or relative, which XDG has us ignore. */
export function xdgFolder(text = ""): string | null {
	const folder = expandHome(text);
	return isAbsolute(folder) ? folder : null;
}
