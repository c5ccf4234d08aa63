import { ChatError } from "../../util/errors.ts";
import type { Reason } from "../../wire/errors/reason.ts";
import { type Field, isObject } from "../../wire/messages/schema.ts";
import { Unreachable, Untrusted } from "../net/link-errors.ts";

/** An error, as it crosses between a client and the page in its window. */
export interface Fault {
	readonly code: string;
	readonly text: string;
	/** The server did not prove that it is the right one. */
	readonly isUntrusted?: boolean | undefined;
}

export const faultField: Field<Fault> = {
	expected: "a fault with its code and text",
	is: (value): value is Fault =>
		isObject(value) && typeof value.code === "string" && typeof value.text === "string",
};

/** Throws again what is no fault that we foresee. */
export function faultOf(error: unknown): Fault {
	if (!(error instanceof ChatError)) throw error;
	const { code, message: text } = error;
	return error instanceof Untrusted ? { code, text, isUntrusted: true } : { code, text };
}

/** The error at the other side. */
export const errorOf = ({ code, text, isUntrusted }: Fault): ChatError =>
	isUntrusted ? new Untrusted({ code, text } as Reason) : new Unreachable({ code, text });
