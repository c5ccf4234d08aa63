import type { GmailCredential, LoginMethod } from "../../wire/credentials.ts";

/** What came of one login. `code` is for programs, `text` tells the person what to do. */
export type Denial = {
	accepted: false;
	code: string;
	text: string;
	/** It is told to who has proved the account. */
	isProved?: true;
};
export type LoginResult = { accepted: true } | Denial;

const APP_PASSWORDS = "https://myaccount.google.com/apppasswords";

export const deny = (code: string, text: string): Denial => ({ accepted: false, code, text });

export const ACCEPTED: LoginResult = { accepted: true };

export const BUSY = deny("busy", "many people are logging in; try again in a minute");

export const NOT_ALLOWED: Denial = {
	...deny(
		"not_allowed",
		"your login is right, but this account is not among those that may come in; ask whoever runs the server to add it",
	),
	isProved: true,
};

export const BANNED: Denial = {
	...deny("banned", "this account is banned from the room"),
	isProved: true,
};

export const NOT_GMAIL = deny(
	"not_gmail",
	"a code can be mailed to an address at gmail.com, or to one that whoever runs the server has listed",
);

const METHOD_NAMES: Record<LoginMethod, string> = {
	password: "an app password",
	token: "an access token",
	code: "a code by mail",
};
export const methodNotAccepted = (method: LoginMethod, methods: readonly LoginMethod[]): Denial =>
	deny(
		"method_not_accepted",
		`this server does not take ${METHOD_NAMES[method]}; it takes ${methods.map((each) => METHOD_NAMES[each]).join(", or ")}`,
	);

const WRONG = deny(
	"wrong_password",
	`Gmail did not accept this address and app password. The account's normal password does not work here; make an app password at ${APP_PASSWORDS}`,
);
const WRONG_TOKEN = deny(
	"wrong_token",
	"Gmail did not accept this token for this address: it has expired, as a token does within the hour, or it is another account's, or it lacks the scope https://mail.google.com/. Get a new one",
);
const APP_PASSWORD_NEEDED = deny(
	"app_password_needed",
	`Gmail wants an app password for this account; make one at ${APP_PASSWORDS}`,
);
const BROWSER_NEEDED = deny(
	"browser_needed",
	"Google wants you to sign in to this account in a web browser first; then try again",
);
const tooManyLogins = (method: GmailCredential["method"]): LoginResult =>
	deny(
		"too_many_logins",
		`Gmail has seen too many logins to this account; wait some minutes. Your ${method} may well be right`,
	);
const gmailBusy = (method: GmailCredential["method"]): LoginResult =>
	deny(
		"gmail_busy",
		`Gmail cannot check logins at the moment; your ${method} was not judged. Try again later`,
	);

/** The mailbox could not be asked; `code` says in a word why. */
const unreachable = (code: string, method: GmailCredential["method"]): LoginResult =>
	deny(
		"gmail_unreachable",
		`the mail server could not be reached, or could not prove who it is (${code}); your ${method} was not judged. Try again later`,
	);

/**
 * What an error of the mail library means. By the reply's code and words, because 454 and 421 say
 * nothing about a password or token; and no reply does before one was sent, which `asked` tells.
 */
export function smtpErrorResult(
	error: unknown,
	asked: boolean,
	method: GmailCredential["method"],
): LoginResult {
	const { code, responseCode, response }: Record<string, unknown> = Object(error);
	const words = String(response);
	const status = Number(responseCode);
	if (status === 454 || status === 421)
		return /too many login/i.test(words) ? tooManyLogins(method) : gmailBusy(method);
	if (asked && (status === 534 || status === 535)) {
		if (method === "token") return WRONG_TOKEN;
		if (/application-specific/i.test(words)) return APP_PASSWORD_NEEDED;
		if (/web ?browser|5\.7\.14/i.test(words)) return BROWSER_NEEDED;
		return WRONG;
	}
	return unreachable(/^E[A-Z0-9]{1,20}$/.test(String(code)) ? String(code) : "EUNKNOWN", method);
}
