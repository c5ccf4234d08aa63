import { emailField } from "../../wire/messages.ts";

/** One account has many spellings; this is the one that names, limits and bans go by. */
export function canonicalAccount(email: string): string {
	const [local = "", domain = ""] = email.toLowerCase().split("@");
	const plain = local.replace(/\+.*$/, "");
	if (domain !== "gmail.com" && domain !== "googlemail.com") return `${plain}@${domain}`;
	return `${plain.replaceAll(".", "")}@gmail.com`;
}

/** The account of an address as somebody typed it, or null for what names none. */
export function parseAccount(text: string): string | null {
	const account = canonicalAccount(text);
	// Of nothing but dots or a tag only the domain would be left, and stand for everybody there.
	return emailField.is(text) && !account.startsWith("@") ? account : null;
}

/** One account, or with nothing before its @ a whole domain, as accounts are written; else null. */
export function parseAllowEntry(text: string): string | null {
	if (!text.startsWith("@")) return parseAccount(text);
	return parseAccount(`x${text}`)?.slice(1) ?? null;
}

/** What members see of each other's verified addresses. */
export type EmailVisibility = "full" | "masked" | "hidden";
export const EMAIL_VISIBILITIES: readonly EmailVisibility[] = ["full", "masked", "hidden"];

/** An address as the policy has it: enough to know somebody by, or nothing. */
export function shownEmail(account: string, policy: EmailVisibility): string | undefined {
	if (policy === "hidden") return undefined;
	return policy === "full" ? account : account.replace(/^(.)[^@]*/, "$1***");
}
