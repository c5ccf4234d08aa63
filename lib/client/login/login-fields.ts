import { formatHostPort, type HostPort } from "../../util/host-port.ts";
import { APP_PASSWORDS } from "../../wire/error-codes.ts";
import { codeField, emailField, nameField } from "../../wire/messages.ts";
import type { InteractiveMethod, LoginField } from "./login-page.ts";

// The sentences and checks that all login pages share.

/** What the user should know before logging in. */
export function advice(methods: readonly InteractiveMethod[]): string {
	const privacy = "Encrypted between you and the server, which reads what you say.";
	if (!methods.includes("password")) return privacy;
	return `${privacy}\nGmail takes an app password here: ${APP_PASSWORDS}`;
}

export const FIELD_LABELS: Record<LoginField, string> = {
	name: "User name",
	email: "Gmail address",
	code: "Code in the mail (nothing: back to the start)",
};

/** A code without the spaces and newlines that were typed or pasted with it. */
export const compactCode = (typed: string): string => typed.replaceAll(/\s/g, "");

/** Why what was typed is not valid, or null. */
export const fieldFaults: Record<LoginField | "password", (typed: string) => string | null> = {
	name: (typed) => (nameField.is(typed) ? null : `A name is ${nameField.expected}`),
	email: (typed) => (emailField.is(typed) ? null : `This must be ${emailField.expected}`),
	password: (typed) => (typed === "" ? `Make an app password at ${APP_PASSWORDS}` : null),
	code: (typed) =>
		typed === "" || codeField.is(compactCode(typed)) ? null : `A code is ${codeField.expected}`,
};

/** What the user must know to judge whether a server is the right one. */
export const unknownServerNotice = (server: HostPort, fingerprint: string): string =>
	`Nobody vouches for the server at ${formatHostPort(server)}. Its fingerprint is
${fingerprint}
Ask its owner: if theirs is another, somebody pretends to be it.`;
export const FINGERPRINT_QUESTION = "Is that the owner's fingerprint?";
