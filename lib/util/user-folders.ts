import { statSync } from "node:fs";
import { join } from "node:path";
import { homeFolder, xdgFolder } from "./home-path.ts";
import { isAccessibleToOthers, isOwnedByAnother } from "./secure-file.ts";

// The folders in which XDG has a user's programs keep their files.

type Environment = Record<string, string | undefined>;

export interface UserFolder {
	readonly path: string;
	/** The variable that says so; undefined where the folder is the usual one. */
	readonly variable?: string;
}

/** For what outlives a program. */
export function stateFolder({ XDG_STATE_HOME }: Environment): UserFolder {
	const path = xdgFolder(XDG_STATE_HOME);
	if (path === null) return { path: join(homeFolder(), ".local", "state") };
	return { path, variable: "XDG_STATE_HOME" };
}

/**
 * For what the user's programs share while they run; null if there is none that only we can use. A
 * program that cron or su has started lacks the variable, and must find the same as all others: it
 * looks in the `usual` place.
 */
export function runtimeFolder(
	{ XDG_RUNTIME_DIR }: Environment,
	usual = `/run/user/${process.getuid?.()}`,
): UserFolder | null {
	const path = xdgFolder(XDG_RUNTIME_DIR);
	if (path !== null && isOurs(path)) return { path, variable: "XDG_RUNTIME_DIR" };
	return isOurs(usual) ? { path: usual } : null;
}

/** XDG asks for this. What su leaves behind in the variable is another user's. */
function isOurs(path: string): boolean {
	try {
		const found = statSync(path);
		return found.isDirectory() && !isOwnedByAnother(found) && !isAccessibleToOthers(found);
	} catch {
		return false;
	}
}
