import { appPasswordIn } from "../../wire/messages/app-password.ts";
import { isGmail, type SmtpServer } from "./smtp-server.ts";

/** The password to show a mail server. We know only Gmail's well enough to mend them. */
export const smtpPassword = (server: SmtpServer, given: string): string =>
	(isGmail(server) ? appPasswordIn(given) : null) ?? given;
