import { type Stats, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { type ChatError, errorMessage } from "../../util/errors.ts";
import { isAccessibleToOthers, isOwnedByAnother } from "../../util/secure-file.ts";
import { runOn } from "../../util/shell-word.ts";
import { ReasonedError, reason } from "../../wire/errors/reason.ts";

/**
 * The state folder need not exist yet; if it does, it must be private. Another user who made it, or
 * can write to it, could choose our certificate and the bans. Throws ChatError `state_unusable`.
 */
export function assertPrivate(folder: string): void {
	const certificate = join(folder, "server.pem");
	const found = find(folder);
	if (found && !found.isDirectory()) throw unusable(`${folder} is not a folder.`);
	if (found) check(folder, found, "700");
	const kept = find(certificate);
	if (kept) check(certificate, kept, "600");
}

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
