import { nextStep, type PeerReason } from "../../wire/errors/reason.ts";
import type { Say, Tell } from "../../wire/messages/messages.ts";
import { sanitizeLine } from "../util/sanitize.ts";

/**
 * How a visit ended, as a sentence and as the exit code: 0 if the user left, the room ended or the
 * server stopped, 2 if the server denied the login or an owner removed the user, 3 if the server
 * could not be reached or was lost.
 */
export interface ExitStatus {
	readonly code: 0 | 2 | 3;
	readonly text: string;
	/** Messages never echoed; only there if logging in again is enough to send them. */
	readonly unsent?: readonly (Say | Tell)[];
}

/** The status for the reason why a visit ended. Code 2 tells a script not to try again. */
export function exitStatusOf({ code, text }: PeerReason): ExitStatus {
	const next = nextStep(code);
	return {
		code: next === "end" || next === "retry" ? 0 : next === "stay_away" ? 2 : 3,
		text: sanitizeLine(text),
	};
}
