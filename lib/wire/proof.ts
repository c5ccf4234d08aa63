import { BadField } from "./fields.ts";

/** How somebody proves whose account it is. */
export type Proof = { way: "password"; password: string } | { way: "token"; token: string };
export type Way = Proof["way"];

/** A login's fields that may hold one. */
interface Fields {
	readonly password?: string | undefined;
	readonly token?: string | undefined;
}

/** The one proof among them. Throws BadField where there is none, or more than one. */
export function proofOf({ password, token }: Fields): Proof {
	const proofs: Proof[] = [];
	if (password !== undefined) proofs.push({ way: "password", password });
	if (token !== undefined) proofs.push({ way: "token", token });
	const [proof, another] = proofs;
	if (proof && !another) return proof;
	throw new BadField("login: password must be there, or token, and not both", undefined);
}
