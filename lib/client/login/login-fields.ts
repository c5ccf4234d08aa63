import { withoutInvisible } from "../../util/invisible.ts";
import { APP_PASSWORDS, GMAIL_NAME } from "../../wire/errors/error-codes.ts";
import { appPasswordIn, GMAIL } from "../../wire/messages/app-password.ts";
import {
	codeField,
	emailField,
	loginNameField,
	nameField,
	passwordField,
} from "../../wire/messages/fields.ts";
import { NOT_UTF8 } from "../keyboard/key-decoder.ts";
import type { UnknownServer } from "../net/known-servers.ts";
import { sanitizeLine } from "../util/sanitize.ts";
import type { LoginField, LoginSetting } from "./login-page.ts";

// The sentences and checks that all login pages share.

/** What the user should know before logging in. */
export function advice({ methods, verifier }: LoginSetting): string {
	const privacy =
		"Your messages are encrypted between you and the server. The server can read them.";
	if (!methods.includes("password")) return privacy;
	const password =
		verifier === GMAIL
			? `Log in with an app password. Create one at ${APP_PASSWORDS}`
			: `Log in with your password at ${sanitizeLine(verifier)}.`;
	return `${privacy}\n${password}`;
}

/** The password, among the ways to log in. */
export const passwordMethod = (verifier: string): string =>
	verifier === GMAIL ? "an app password" : "a password";

/** What a person calls the service that checks the passwords; a server can send any text for it. */
export function verifierName(verifier: string): string {
	if (verifier === GMAIL) return GMAIL_NAME;
	return /^[\w.:-]{1,64}$/.test(verifier) ? verifier : "an unnamed mail server";
}

/** What the page calls what it asks for. Where codes are mailed, any mailbox may do. */
export const fieldLabels = ({
	methods,
	verifier,
}: LoginSetting): Record<LoginField | "password", string> => ({
	name: "User name",
	email: verifier === GMAIL && !methods.includes("code") ? "Gmail address" : "Mail address",
	code: "Code from the mail (leave empty to start again)",
	password: verifier === GMAIL ? "App password" : "Password",
});

/** What was typed or pasted, without what nobody sees in it. */
export const visibleIn = (typed: string): string => withoutInvisible(typed).trim();
/** A code, besides, without blanks. */
export const compactCode = (typed: string): string => withoutInvisible(typed).replaceAll(/\s/g, "");
/** The password to send: Gmail's is known by its letters, any other is sent as it is. */
export const passwordToSend = (typed: string, verifier: string): string =>
	(verifier === GMAIL ? appPasswordIn(typed) : null) ?? typed;

/** Why what was typed cannot be a password of the verifier's, or null. */
export function passwordFault(typed: string, verifier: string): string | null {
	if (typed.includes(NOT_UTF8)) return "Not all of that was UTF-8. Type the password again.";
	if (verifier !== GMAIL) {
		if (typed === "") return `Give your password at ${verifierName(verifier)}.`;
		return passwordField.is(typed) ? null : `A password is ${passwordField.expected}.`;
	}
	if (typed === "") return `Give an app password. Create one at ${APP_PASSWORDS}`;
	const what = "An app password is 16 letters. Your normal password does not work here.";
	return appPasswordIn(typed) === null ? `${what} Create one at ${APP_PASSWORDS}` : null;
}

/** Why what was typed is not valid, or null. */
export const fieldFaults: Record<LoginField, (typed: string) => string | null> = {
	name: (typed) => {
		if (loginNameField.is(typed)) return null;
		// Which names are reserved need be known only to whom one was refused.
		return `A name is ${(nameField.is(typed) ? loginNameField : nameField).expected}.`;
	},
	email: (typed) => (emailField.is(typed) ? null : `Give ${emailField.expected}.`),
	code: (typed) =>
		typed === "" || codeField.is(compactCode(typed)) ? null : `A code is ${codeField.expected}.`,
};

/** What the user must know to judge whether a server is the right one. */
export const unknownServerNotice = ({ why, fingerprint }: UnknownServer): string =>
	`${why} Its fingerprint is:
${fingerprint}
Ask the person who runs it for the fingerprint. If it differs, somebody is impersonating the server.`;
export const FINGERPRINT_QUESTION = "Is this the fingerprint that you were given?";
export const REMEMBER_QUESTION = "Remember this device?";
export const NOT_REMEMBERED =
	"This device could not be remembered. The next time, log in with a password or a code again.";
