import { ChatError } from "../../util/errors.ts";
import type { NextStep } from "./error-code-rows.ts";
import { ERROR_CODES, type ErrorCode } from "./error-codes.ts";

/** Why something is wrong or over: `code` is for programs, `text` is for people. */
export interface Reason<C extends ErrorCode = ErrorCode> {
	readonly code: C;
	readonly text: string;
}

type Text = string | ((...details: never[]) => string);
/** The arguments of a code's text. */
export type Details<C extends ErrorCode> = (typeof ERROR_CODES)[C]["text"] extends (
	...details: infer D
) => string
	? D
	: [];

export function reason<C extends ErrorCode>(code: C, ...details: Details<C>): Reason<C> {
	const text: Text = ERROR_CODES[code].text;
	return { code, text: typeof text === "string" ? text : text(...(details as never[])) };
}

/** Copies only code and text: a subtype such as Denial has fields that must not reach the wire. */
export const reasonMessage = <T extends "denied" | "refused" | "closing">(
	type: T,
	{ code, text }: Reason,
) => ({ type, code, text });

/** Compares a code with one of ours, so that a misspelt one is a type error. */
export const hasCode = ({ code }: { readonly code: string }, expected: ErrorCode): boolean =>
	code === expected;

/** What a client does after a code; null for a newer server's code that we do not know. */
export const nextStep = (code: string): NextStep | null =>
	Object.hasOwn(ERROR_CODES, code) ? ERROR_CODES[code as ErrorCode].next : null;

/** Whether what was denied for this reason may succeed later, without anybody doing anything. */
export const mayPass = (code: string): boolean =>
	["wait", "resume", "retry"].includes(nextStep(code) ?? "");

/** A reason from a peer. Its code may be newer than our table. */
export interface PeerReason {
	readonly code: string;
	readonly text: string;
}

/** An error whose reason can be passed on unchanged. */
export class ReasonedError<R extends PeerReason = Reason> extends ChatError {
	readonly reason: R;

	constructor(reason: R, options?: ErrorOptions) {
		super(reason.code, reason.text, options);
		this.reason = reason;
	}
}

/** A peer broke the rules of the protocol; the connection ends, except after a BadField. */
export class ProtocolError<R extends Reason = Reason> extends ReasonedError<R> {}
