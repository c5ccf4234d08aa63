import { mayHoldAppPassword, type OwnSecret } from "../util/own-secret.ts";
import { parseLine } from "./parse-line.ts";

/**
 * Whether a line may be in a file: neither a private one, nor a mistyped command, which may have been
 * meant to be private, nor what may be a password, even if the user has sent it on purpose.
 */
export function maySave(line: string, secret: Pick<OwnSecret, "isIn">): boolean {
	const { name, command } = parseLine(line);
	if (name !== null && !command) return false;
	if (command?.audience === "target" || command?.audience === "sender") return false;
	return !mayHoldAppPassword(line) && !secret.isIn(line);
}
