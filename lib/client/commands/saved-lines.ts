import { appPasswordIn } from "../../wire/messages/app-password.ts";
import { mayHoldAppPassword, type OwnSecret } from "../util/own-secret.ts";
import { parseLine } from "./parse-line.ts";

/** Whether a line is what the user logs in with, or would send it. */
export function isSecretLine(line: string, secret: Pick<OwnSecret, "is">): boolean {
	const { name, target, text } = parseLine(line);
	return [line, name ?? "", target, text].some((each) => secret.is(each));
}

/**
 * Whether a line may be in a file: neither a private one, nor a mistyped command, which may have been
 * meant to be private, nor what may be a password.
 */
export function maySave(line: string, secret: Pick<OwnSecret, "is">): boolean {
	const { name, command } = parseLine(line);
	if (name !== null && !command) return false;
	if (command?.audience === "target" || command?.audience === "sender") return false;
	const mayBePassword = appPasswordIn(line) !== null || mayHoldAppPassword(line);
	return !mayBePassword && !isSecretLine(line, secret);
}
