import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { systemErrorCode } from "../../util/errors.ts";
import { installation } from "../../util/installation.ts";
import { canPaste, shellWord } from "../../util/shell-word.ts";
import { ReasonedError, reason } from "../errors/reason.ts";

/**
 * The `fernet` package. Loaded by a call, so that a person reads why there is none: it is the first
 * package that a program needs. Throws ChatError `self_test_failed`.
 */
export function loadReference(): typeof import("fernet") {
	try {
		return require("fernet");
	} catch (cause) {
		if (systemErrorCode(cause) !== "MODULE_NOT_FOUND") throw cause;
		const sentence = `The packages that fernet-chat needs are missing. ${remedy(installation)}`;
		throw new ReasonedError(reason("self_test_failed", sentence), { cause });
	}
}

function remedy({ kind, root }: typeof installation): string {
	if (kind === "package") return `Install it again: its folder is ${root}`;
	const folder = folderWithPackages(dirname(root));
	const why =
		folder === null
			? "Bun has not fetched them: that takes a network, and a start as bun client.ts or bun server.ts."
			: `Bun fetches packages below a folder with a node_modules (here ${folder}) only if you start it inside the copy, with a network.`;
	const place = canPaste(root) ? `cd ${shellWord(root)} && ` : "";
	return `${why} Run: ${place}bun install`;
}

/** `folder` or the nearest above it that has a node_modules; null if none does. */
function folderWithPackages(folder: string): string | null {
	if (existsSync(join(folder, "node_modules"))) return folder;
	return dirname(folder) === folder ? null : folderWithPackages(dirname(folder));
}
