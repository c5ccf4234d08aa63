import type { GmailCredential } from "../../wire/messages/credentials.ts";
import { smtpFaultCode } from "../mail/smtp-login.ts";
import { type Denial, deny } from "./login-result.ts";

/** The mail library's codes for a connection on which no answer came. */
const NO_ANSWER = ["ETIMEDOUT", "ECONNECTION", "ESOCKET"];

/**
 * What an error of the mail library means. Nothing from before `asked`, that is, before we had shown
 * the mail server a credential, is an answer to it. `service` is what a person calls that server.
 */
export function smtpErrorResult(
	error: unknown,
	asked: boolean,
	method: GmailCredential["method"],
	service: string,
): Denial {
	const wasAnswered = asked && !NO_ANSWER.includes(Object(error).code);
	return { ...denialOf(error, asked, method, service), wasAnswered };
}

/** Judges by the reply's code and words: 454 and 421 say nothing about a password or token. */
function denialOf(
	error: unknown,
	asked: boolean,
	method: GmailCredential["method"],
	service: string,
): Denial {
	const { responseCode, response }: Record<string, unknown> = Object(error);
	const words = String(response);
	const status = Number(responseCode);
	if (status === 454 || status === 421) {
		return deny(
			/too many login/i.test(words) ? "gmail_too_many_logins" : "gmail_busy",
			method,
			service,
		);
	}
	if (asked && (status === 534 || status === 535)) {
		if (method === "token") return deny("wrong_token", service);
		if (/application-specific/i.test(words)) return deny("app_password_needed", service);
		if (/web ?browser|5\.7\.14/i.test(words)) return deny("browser_needed");
		return deny("wrong_password", service);
	}
	const code = smtpFaultCode(error);
	const fault = /^(E[A-Z0-9]{1,20}|CERT_[A-Z_]{1,30})$/.test(code) ? code : "EUNKNOWN";
	return deny("gmail_unreachable", method, fault);
}
