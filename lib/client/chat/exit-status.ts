import type { Say, Tell } from "../../wire/messages.ts";
import { sanitizeLine } from "../util/sanitize.ts";

/** How a visit ended: the exit code that README gives it, and one sentence. */
export interface ExitStatus {
	readonly code: 0 | 2 | 3;
	readonly text: string;
	/** What was never said, where logging in again is all that is needed to say it. */
	readonly unsent?: readonly (Say | Tell)[];
}

/** Goodbyes after which nothing is wrong. */
const NORMAL_CODES = new Set(["left", "room_ended", "room_closed", "server_stopped"]);
/** Goodbyes to a member that an owner has put out: a script should not try again. */
const EXPELLED_CODES = new Set(["kicked", "banned"]);

/** What the server's own `closing` amounts to. */
export const exitStatusOf = (code: string, text: string): ExitStatus => ({
	code: NORMAL_CODES.has(code) ? 0 : EXPELLED_CODES.has(code) ? 2 : 3,
	text: sanitizeLine(text),
});
