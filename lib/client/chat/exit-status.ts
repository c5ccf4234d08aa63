import type { ChatError } from "../../util/errors.ts";
import type { NextStep } from "../../wire/errors/error-code-rows.ts";
import { mayPass, nextStep, type PeerReason } from "../../wire/errors/reason.ts";
import { ClosedByServer, LoginDenied } from "../net/join.ts";
import { sanitizeLine } from "../util/sanitize.ts";

/**
 * How a visit ended, as a sentence and as the exit code: 0 if the user left, the room ended or the
 * server stopped; 2 if the server denied the login or an owner removed the user; 3 if the server
 * could not be reached or was lost; 5 if the same may succeed later. A script should not try again
 * after 2.
 */
export interface ExitStatus {
	readonly code: 0 | 2 | 3 | 5;
	/** The error code of why. */
	readonly reason: string;
	readonly text: string;
}

export const NOT_LOGGED_IN: ExitStatus = { code: 0, reason: "left", text: "You did not log in." };

const EXIT_CODES: Partial<Record<NextStep, ExitStatus["code"]>> = {
	end: 0,
	retry: 0,
	stay_away: 2,
	wait: 5,
};

/** The status for the reason why a visit ended. */
export function exitStatusOf({ code, text }: PeerReason): ExitStatus {
	const next = nextStep(code);
	return { code: (next && EXIT_CODES[next]) ?? 3, reason: code, text: sanitizeLine(text) };
}

/** The status for an error that kept the user from logging in. */
export function failedLoginStatus(error: ChatError): ExitStatus {
	const { code: reason, message: text } = error;
	const isAnswer = error instanceof LoginDenied || error instanceof ClosedByServer;
	if (isAnswer && mayPass(error.code)) return { code: 5, reason, text };
	if (error instanceof ClosedByServer) return exitStatusOf(error.reason);
	return { code: error instanceof LoginDenied ? 2 : 3, reason, text };
}
