import { APP_PASSWORDS } from "../../wire/errors/error-codes.ts";
import { codeField, emailField, loginNameField } from "../../wire/messages/fields.ts";
import type { UnknownServer } from "../net/known-servers.ts";
import { sanitizeLine } from "../util/sanitize.ts";
import type { LoginField, LoginSetting } from "./login-page.ts";

// The sentences and checks that all login pages share.

/** What the user should know before logging in. */
export function advice({ methods, verifier }: Omit<LoginSetting, "endpoint">): string {
	const privacy =
		"Your messages are encrypted between you and the server. The server can read them.";
	if (!methods.includes("password")) return privacy;
	const password =
		verifier === "gmail.com"
			? `Log in with an app password. Create one at ${APP_PASSWORDS}`
			: `Log in with your password at ${sanitizeLine(verifier)}.`;
	return `${privacy}\n${password}`;
}

export const FIELD_LABELS: Record<LoginField, string> = {
	name: "User name",
	email: "Gmail address",
	code: "Code from the mail (leave empty to start again)",
};

/** A code without the spaces and newlines that were typed or pasted with it. */
export const compactCode = (typed: string): string => typed.replaceAll(/\s/g, "");

/** Why what was typed is not valid, or null. */
export const fieldFaults: Record<LoginField | "password", (typed: string) => string | null> = {
	name: (typed) => (loginNameField.is(typed) ? null : `A name is ${loginNameField.expected}.`),
	email: (typed) => (emailField.is(typed) ? null : `Give ${emailField.expected}.`),
	password: (typed) =>
		typed === "" ? `Give an app password. Create one at ${APP_PASSWORDS}` : null,
	code: (typed) =>
		typed === "" || codeField.is(compactCode(typed)) ? null : `A code is ${codeField.expected}.`,
};

/** What the user must know to judge whether a server is the right one. */
export const unknownServerNotice = ({ why, fingerprint }: UnknownServer): string =>
	`${why} Its fingerprint is:
${fingerprint}
Ask the person who runs it for the fingerprint. If it differs, somebody is impersonating the server.`;
export const FINGERPRINT_QUESTION = "Is this the fingerprint that you were given?";
