import { appPasswordIn } from "../../wire/messages/app-password.ts";
import { isGmail, type SmtpServer } from "./smtp-server.ts";

/** The password to show a mail server: only Gmail's do we know well enough to mend. */
export const smtpPassword = (server: SmtpServer, given: string): string =>
	(isGmail(server) ? appPasswordIn(given) : null) ?? given;
