import type { GmailCredential } from "../../wire/messages/credentials.ts";
import { smtpFaultCode } from "../mail/smtp-login.ts";
import { deny, type LoginResult } from "./login-result.ts";

/**
 * What an error of the mail library means, judged by the reply's code and words: 454 and 421 say
 * nothing about a password or token. Nor does any reply from before `asked`, that is, before we had
 * shown the mail server a credential.
 */
export function smtpErrorResult(
	error: unknown,
	asked: boolean,
	method: GmailCredential["method"],
): LoginResult {
	const { responseCode, response }: Record<string, unknown> = Object(error);
	const words = String(response);
	const status = Number(responseCode);
	if (status === 454 || status === 421) {
		return deny(/too many login/i.test(words) ? "gmail_too_many_logins" : "gmail_busy", method);
	}
	if (asked && (status === 534 || status === 535)) {
		if (method === "token") return deny("wrong_token");
		if (/application-specific/i.test(words)) return deny("app_password_needed");
		if (/web ?browser|5\.7\.14/i.test(words)) return deny("browser_needed");
		return deny("wrong_password");
	}
	const code = smtpFaultCode(error);
	const fault = /^(E[A-Z0-9]{1,20}|CERT_[A-Z_]{1,30})$/.test(code) ? code : "EUNKNOWN";
	return deny("gmail_unreachable", method, fault);
}
