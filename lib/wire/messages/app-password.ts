import { withoutInvisible } from "../../util/invisible.ts";

/** The mail service whose passwords for programs we know the look of, as `verifier` names it. */
export const GMAIL = "gmail.com";

/**
 * Gmail's app password in what was typed or pasted: sixteen letters, whatever blanks, quotes and
 * other signs a page or a mail has put around and between them. Null if it cannot be one.
 */
export function appPasswordIn(typed: string): string | null {
	// NFKC, because an input method may type letters of full width.
	const shown = withoutInvisible(typed.normalize("NFKC"));
	const letters = shown.replaceAll(/[^\p{L}\p{M}\p{N}]/gu, "");
	return /^[a-z]{16}$/i.test(letters) ? letters : null;
}
