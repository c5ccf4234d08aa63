import type { Say, Tell } from "../../wire/messages.ts";
import { nextStep, type PeerReason } from "../../wire/reason.ts";
import { sanitizeLine } from "../util/sanitize.ts";

/** How a visit ended: the exit code that README gives it, and one sentence. */
export interface ExitStatus {
	readonly code: 0 | 2 | 3;
	readonly text: string;
	/** What was never said, where logging in again is all that is needed to say it. */
	readonly unsent?: readonly (Say | Tell)[];
}

/** What the server's own `closing` amounts to: after some a script should not try again. */
export function exitStatusOf({ code, text }: PeerReason): ExitStatus {
	const next = nextStep(code);
	return {
		code: next === "end" ? 0 : next === "stay_away" ? 2 : 3,
		text: sanitizeLine(text),
	};
}
