import type { Say, Tell } from "../../wire/messages.ts";
import { sanitizeLine } from "../util/sanitize.ts";

/** How a visit ended: the exit code that README gives it, and one sentence. */
export interface ExitStatus {
	readonly code: 0 | 2 | 3;
	readonly text: string;
	/** What was never said, where logging in again is all that is needed to say it. */
	readonly unsent?: readonly (Say | Tell)[];
}

/** Goodbyes that end a visit as it should end. */
const PEACEFUL = new Set(["left", "room_ended", "room_closed", "server_stopped"]);
/** Goodbyes of somebody who is not wanted: trying again at once is no answer to them. */
const UNWANTED = new Set(["kicked", "banned"]);

/** What the server's own `closing` amounts to. */
export const exitStatusOf = (code: string, text: string): ExitStatus => ({
	code: PEACEFUL.has(code) ? 0 : UNWANTED.has(code) ? 2 : 3,
	text: sanitizeLine(text),
});
