import type { SmtpServer } from "./smtp-server.ts";

/** The account that codes are mailed from, and its mail server. */
export interface CodeMailerOptions {
	readonly server: SmtpServer;
	readonly user: string;
	readonly password: string;
}

/** Minutes for which a code is valid. */
export const CODE_MINUTES = 10;
/** Seconds that one mail may take, a login included. */
export const MAIL_SECONDS = 15;

/** A mail to send. If it is not meant, all is done but the sending. */
export interface MailJob {
	readonly id: number;
	readonly account: string;
	readonly text: string;
	readonly isMeant: boolean;
}

/** The end of a job. `fault`, a word for the operator, says why the mail could not be sent. */
export interface MailResult {
	readonly id: number;
	readonly fault?: string;
}
