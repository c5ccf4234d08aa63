import { type Stats, statSync } from "node:fs";
import { join } from "node:path";
import { ChatError, errorMessage } from "../../util/errors.ts";
import { isAccessibleToOthers, isOwnedByAnother } from "../../util/secure-file.ts";

/**
 * Whether what outlives the server may be kept in a folder, which need not be there yet. Who makes it
 * before us, or may write in it, could choose our certificate and who is banned. Throws ChatError.
 */
export function assertPrivate(folder: string): void {
	const certificate = join(folder, "server.pem");
	const found = find(folder);
	if (found && !found.isDirectory()) throw unusable(`${folder} is not a folder`);
	if (found) check(folder, found, "700");
	const kept = find(certificate);
	if (kept) check(certificate, kept, "600");
}

function find(path: string): Stats | undefined {
	try {
		return statSync(path, { throwIfNoEntry: false });
	} catch (error) {
		throw unusable(errorMessage(error));
	}
}

function check(path: string, found: Stats, mode: string): void {
	if (isOwnedByAnother(found)) throw unusable(`${path} belongs to another user`);
	if (isAccessibleToOthers(found)) {
		throw unusable(`other users can look into ${path}; chmod ${mode} ${path}`);
	}
}

const unusable = (sentence: string): ChatError =>
	new ChatError("state_unusable", `cannot use the folder of --state: ${sentence}`);
