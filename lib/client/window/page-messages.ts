import { deviceField, emailField, nameField } from "../../wire/messages/fields.ts";
import {
	type Field,
	isObject,
	type MessagesOf,
	messageReader,
	optional,
	record,
	text,
	wholeNumber,
} from "../../wire/messages/schema.ts";
import { faultField } from "./fault.ts";
import { KEPT_FILES } from "./window-messages.ts";

// What the page in a window says to its client.

const among = <T extends string | number>(values: readonly T[]): Field<T> => ({
	expected: `one of ${values.join(", ")}`,
	is: (value): value is T => values.some((each) => each === value),
});
const flag: Field<boolean> = {
	expected: "true or false",
	is: (value) => typeof value === "boolean",
};
const anyObject: Field<Record<string, unknown>> = { expected: "an object", is: isObject };

const PAGE_MESSAGES = {
	/** Find out whether the server is the right one. */
	verify: { id: wholeNumber },
	/** To `unknown_server`. */
	trust: { isTrusted: flag },
	/** Try the servers in turn. */
	try: { id: wholeNumber },
	/** How an attempt ended; without `fault` it succeeded. */
	tried: { number: wholeNumber, fault: optional(faultField) },
	/** That turn is no longer wanted. */
	stop: { id: wholeNumber },
	leave_current: {},
	/** Changes a file: these are its new values; null for one that is to go. */
	keep: { file: among(KEPT_FILES), changes: anyObject },
	/** Keeps what a page that is reloaded goes on with. */
	keep_visit: { visit: anyObject },
	forget_visit: {},
	/** The page is being closed or reloaded, and has not crashed. */
	going: {},
	load_device: { id: wholeNumber, email: emailField },
	save_device: { email: emailField, device: deviceField },
	forget_device: { email: emailField },
	/** The room has let the user in. */
	joined: { name: nameField },
	/** The visit is over. */
	over: {
		status: record({ code: among([0, 2, 3, 5] as const), reason: text(64), text: text(65536) }),
	},
};
export type PageMessage = MessagesOf<typeof PAGE_MESSAGES>;

/** Throws ProtocolError. */
export const readPageMessage: (value: unknown) => PageMessage = messageReader(PAGE_MESSAGES);
