import { formatHostPort } from "../../util/host-port.ts";

/** A mail server: `smtps://host[:port]` or `smtp://host[:port]`. */
export interface SmtpServer {
	readonly host: string;
	readonly port: number;
	readonly secure: boolean;
}

/** The mail server that checks logins by default. */
export const GMAIL_URL = "smtps://smtp.gmail.com:465";

/** Whether the server's accounts are Gmail's. It has one more name, and a name may end with a dot. */
export const isGmail = ({ host }: SmtpServer): boolean =>
	/^smtp\.(gmail|googlemail)\.com\.?$/i.test(host);

/** Parses the URL of `--smtp` or `--mailer`; null for any other text. */
export function parseSmtpUrl(text: string): SmtpServer | null {
	const match = /^(smtps?):\/\/([\w.-]+|\[[\da-fA-F:]+\])(?::(\d{1,5}))?\/?$/.exec(text);
	const [, scheme, name = "", digits] = match ?? [];
	const secure = scheme === "smtps";
	const port = Number(digits ?? (secure ? 465 : 587));
	if (scheme === undefined || port < 1 || port > 65_535) return null;
	return { host: name.replace(/^\[|\]$/g, ""), port, secure };
}

export const formatSmtpUrl = (server: SmtpServer): string =>
	`${server.secure ? "smtps" : "smtp"}://${formatHostPort(server)}`;
