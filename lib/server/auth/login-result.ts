import type { CodeSaidIn } from "../../wire/errors/error-codes.ts";
import { type Details, type Reason, reason } from "../../wire/errors/reason.ts";

/** Why a login was rejected. */
export interface Denial extends Reason<CodeSaidIn<"denied">> {
	readonly accepted: false;
	/** The account that the client has proved: it may learn the reason, and the log names it. */
	readonly provedAccount?: string;
	/** The mail server was shown the credential and answered. */
	readonly wasAnswered?: boolean;
}
export type LoginResult = { readonly accepted: true } | Denial;

export const ACCEPTED: LoginResult = { accepted: true };

export const deny = <C extends CodeSaidIn<"denied">>(code: C, ...details: Details<C>): Denial => ({
	accepted: false,
	...reason(code, ...details),
});

/** A denial that we reveal only to a client that has proved the account. */
export const denyProved = (code: "not_allowed" | "banned", account: string): Denial => ({
	...deny(code),
	provedAccount: account,
});
