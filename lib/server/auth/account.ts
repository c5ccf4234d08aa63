import { emailField } from "../../wire/messages/fields.ts";

/** One account has many spellings. Returns the one that members, limits and bans go by. */
export function canonicalAccount(email: string): string {
	const [local = "", domain = ""] = email.toLowerCase().split("@");
	const plain = local.replace(/\+.*$/, "");
	if (domain !== "gmail.com" && domain !== "googlemail.com") return `${plain}@${domain}`;
	return `${plain.replaceAll(".", "")}@gmail.com`;
}

/** The canonical account of an address that somebody typed, or null if it names no account. */
export function parseAccount(text: string): string | null {
	const account = canonicalAccount(text);
	// An address of only dots or a tag would leave just the domain, and so stand for everybody there.
	return emailField.is(text) && !account.startsWith("@") ? account : null;
}

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
