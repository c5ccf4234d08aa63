import type { ErrorCode } from "../wire/errors/error-codes.ts";

/** How a page says that a visit is over, above and below the sentence that says why. */
export interface Ending {
	readonly heading: string;
	readonly advice?: string;
	/** To join again cannot work. */
	readonly isFinal?: true;
}

const CLOSED: Ending = {
	heading: "The room is closed",
	advice: "If a new room is opened at this address, reload the page to join it.",
	isFinal: true,
};
const UNTRUSTED: Ending = { heading: "The server is not the right one" };
const UNREACHABLE: Ending = { heading: "The server does not answer" };

const ENDINGS: Partial<Record<ErrorCode, Ending>> = {
	left: { heading: "Goodbye" },
	room_ended: CLOSED,
	room_closed: CLOSED,
	kicked: { heading: "You were removed", advice: "You can log in again." },
	banned: { heading: "You are banned", isFinal: true },
	replaced: {
		heading: "You went on somewhere else",
		advice:
			"Only one of your connections can be in the room. If you join here, the other one ends.",
	},
	server_gone: UNREACHABLE,
	server_unreachable: UNREACHABLE,
	server_stopped: UNREACHABLE,
	server_changed: UNTRUSTED,
	wrong_fingerprint: UNTRUSTED,
	method_not_accepted: { heading: "You cannot log in here", isFinal: true },
};

export const OLD_BROWSER: Ending = { heading: "This browser is too old", isFinal: true };
/** Browsers allow what the page needs over https alone. */
export const INSECURE_LINK: Ending = { heading: "This link is not secure", isFinal: true };
const OTHER: Ending = { heading: "Your visit is over" };

/** The ending for the code of why; it may be newer than our table. */
export const endingOf = (code: string): Ending =>
	(Object.hasOwn(ENDINGS, code) && ENDINGS[code as ErrorCode]) || OTHER;
