import { mkdirSync, type Stats, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { type ChatError, errorMessage } from "../../util/errors.ts";
import { isAccessibleToOthers, isOwnedByAnother, keepsModes } from "../../util/secure-file.ts";
import { runOn } from "../../util/shell-word.ts";
import { ReasonedError, reason } from "../../wire/errors/reason.ts";

const NO_MODES =
	"is on a filesystem that does not keep file modes, so other users could read it. Choose a folder elsewhere with --state";

/**
 * The state folder need not exist yet; if it does, it must be private. Another user who made it, or
 * can write to it, could choose our certificate and the bans. Throws ChatError `state_unusable`.
 */
export function assertPrivate(folder: string): void {
	const certificate = join(folder, "server.pem");
	const found = find(folder);
	if (found && !found.isDirectory()) throw unusable(`${folder} is not a folder.`);
	if (found && !isOwnedByAnother(found) && !keepsFilesPrivate(folder)) {
		throw unusable(`${folder} ${NO_MODES}.`);
	}
	if (found) check(folder, found, "700");
	const kept = find(certificate);
	if (kept) check(certificate, kept, "600");
}

/** Creates the folder, for something to keep in it. Throws an Error if other users could read it. */
export function createStateDir(folder: string): void {
	mkdirSync(folder, { recursive: true, mode: 0o700 });
	if (isAccessibleToOthers(statSync(folder)) || !keepsFilesPrivate(folder)) {
		throw new Error(`${folder} ${NO_MODES}`);
	}
}

const keepsFilesPrivate = (folder: string): boolean => keepsModes(join(folder, "banned"));

function find(path: string): Stats | undefined {
	try {
		return statSync(path, { throwIfNoEntry: false });
	} catch (error) {
		throw unusable(`${errorMessage(error)}.`);
	}
}

function check(path: string, found: Stats, mode: string): void {
	if (isOwnedByAnother(found)) throw unusable(`${path} belongs to another user.`);
	if (isAccessibleToOthers(found)) {
		throw unusable(`other users can read ${path}. ${runOn(`chmod ${mode}`, resolve(path))}`);
	}
}

const unusable = (sentence: string): ChatError =>
	new ReasonedError(reason("state_unusable", `Cannot use the state folder: ${sentence}`));
