import { expect, test } from "bun:test";
import { fieldLabels, passwordMethod } from "../../../../lib/client/login/login-fields.ts";
import type { InteractiveMethod } from "../../../../lib/client/login/login-page.ts";

// What the login page calls an address and a password is true of the server that it is for.

const endpoint = { host: "chat.example", port: 5050 };
const PASSWORD: InteractiveMethod[] = ["password"];
const BOTH: InteractiveMethod[] = ["code", "password"];

test.each([
	["gmail.com", PASSWORD, "Gmail address", "App password", "an app password"],
	// A guest list may let other mailboxes in by a code.
	["gmail.com", BOTH, "Mail address", "App password", "an app password"],
	["mail.school.example", PASSWORD, "Mail address", "Password", "a password"],
	["mail.school.example", BOTH, "Mail address", "Password", "a password"],
	["notgmail.com", PASSWORD, "Mail address", "Password", "a password"],
])("%s checks logins by %j: %s, %s", (verifier, methods, email, password, method) => {
	expect(fieldLabels({ endpoint, methods, verifier })).toMatchObject({ email, password });
	expect(passwordMethod(verifier)).toBe(method);
});
