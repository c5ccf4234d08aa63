import { withoutInvisible } from "../../util/invisible.ts";

/** The mail service whose passwords for programs we know the look of, as `verifier` names it. */
export const GMAIL = "gmail.com";

/**
 * Gmail's app password in what was typed or pasted: sixteen letters, whatever blanks, dashes and
 * invisible characters a page has put around and between them. Null if it cannot be one.
 */
export function appPasswordIn(typed: string): string | null {
	const letters = withoutInvisible(typed).replaceAll(/[\s\p{Pd}\u2212]/gu, "");
	return /^[a-z]{16}$/i.test(letters) ? letters : null;
}
