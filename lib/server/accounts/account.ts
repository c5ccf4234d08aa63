import { emailField } from "../../wire/messages/fields.ts";

const GMAIL_DOMAINS = ["gmail.com", "googlemail.com"];

/**
 * The account that an address names: members, limits, lists, bans and mails all go by it. Null if no
 * account can have the address.
 */
export function parseAccount(text: string): string | null {
	if (!emailField.is(text)) return null;
	const address = text.toLowerCase();
	const at = address.indexOf("@");
	// Elsewhere, ann+x and a.nn may be other people than ann.
	if (!GMAIL_DOMAINS.includes(address.slice(at + 1))) return address;
	const name = address.slice(0, at).replace(/\+.*$/, "").replaceAll(".", "");
	// Gmail's names are letters and digits; nothing but dots or a tag would stand for everybody there.
	return /^[a-z0-9]+$/.test(name) ? `${name}@gmail.com` : null;
}

/**
 * Whether the account's name has only what Google Workspace allows in one
 * (support.google.com/a/answer/9193374). With any other character a mail server may take it for
 * another spelling of somebody's address, such as `ann+x` for `ann`, or for the way to elsewhere.
 */
export const hasPlainName = (account: string): boolean => /^[\w'-]+(\.[\w'-]+)*@/.test(account);

/** The canonical account, or the whole domain if nothing precedes the @; else null. */
export function parseAllowEntry(text: string): string | null {
	if (!text.startsWith("@")) return parseAccount(text);
	return parseAccount(`x${text}`)?.slice(1) ?? null;
}

/** What members see of each other's verified addresses. */
export type EmailVisibility = "full" | "masked" | "hidden";
export const EMAIL_VISIBILITIES: readonly EmailVisibility[] = ["full", "masked", "hidden"];

/** What the policy lets members see of an address: enough to recognise somebody, or nothing. */
export function shownEmail(account: string, policy: EmailVisibility): string | undefined {
	if (policy === "hidden") return undefined;
	return policy === "full" ? account : account.replace(/^(.)[^@]*/, "$1***");
}
