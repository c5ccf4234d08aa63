import { BadField } from "./schema.ts";

/** The ways to prove whose account it is. */
export const WAYS = ["password", "token", "code"] as const;
export type Way = (typeof WAYS)[number];

/** Whether one of them is to be shown to a mail server. */
export const asksMailbox = (ways: readonly Way[]): boolean => ways.some((way) => way !== "code");

/** What Gmail is shown. */
export type Credential = { way: "password"; password: string } | { way: "token"; token: string };
/** A code that was mailed to the account, and the ticket of whoever asked for it. */
export type MailedCode = { way: "code"; ticket: string; code: string };
export type Proof = Credential | MailedCode;

/** A login's fields that may hold one. */
type Fields = { readonly [K in "password" | "token" | "ticket" | "code"]?: string | undefined };

/** The one proof among them. Throws BadField where there is none, or more than one. */
export function proofOf({ password, token, ticket, code }: Fields): Proof {
	const proofs: Proof[] = [];
	if (password !== undefined) proofs.push({ way: "password", password });
	if (token !== undefined) proofs.push({ way: "token", token });
	const isWhole = (ticket === undefined) === (code === undefined);
	if (ticket !== undefined && code !== undefined) proofs.push({ way: "code", ticket, code });
	const [proof, another] = proofs;
	if (proof && !another && isWhole) return proof;
	const expected = "there, or token, or ticket and code; one of the three";
	throw new BadField(`login: password must be ${expected}`, undefined);
}
