import type { CodeSaidIn } from "../../wire/errors/error-codes.ts";
import { type Details, type Reason, reason } from "../../wire/errors/reason.ts";

/** Why a login was rejected. */
export interface Denial extends Reason<CodeSaidIn<"denied">> {
	readonly accepted: false;
	/** The client has proved the account: it may learn the reason, and the log names the account. */
	readonly isProved?: true;
}
export type LoginResult = { readonly accepted: true } | Denial;

export const ACCEPTED: LoginResult = { accepted: true };

export const deny = <C extends CodeSaidIn<"denied">>(code: C, ...details: Details<C>): Denial => ({
	accepted: false,
	...reason(code, ...details),
});

/** A denial that we reveal only to a client that has proved the account. */
export const denyProved = (code: "not_allowed" | "banned"): Denial => ({
	...deny(code),
	isProved: true,
});
