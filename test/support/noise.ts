import { randomBytes } from "node:crypto";

/** A text of this many characters that deflates to no less than three quarters of them. */
export const noise = (chars: number): string =>
	randomBytes(Math.ceil((chars * 3) / 4))
		.toString("base64url")
		.slice(0, chars);
