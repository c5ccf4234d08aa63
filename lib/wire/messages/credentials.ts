import { BadField } from "./schema.ts";

/** A credential that the server shows to Gmail. */
export type GmailCredential =
	| { method: "password"; password: string }
	| { method: "token"; token: string };
/** A code mailed to the account, and the ticket of the client that requested it. */
export type CodeCredential = { method: "code"; ticket: string; code: string };
/** What the server gave a device at its last login. */
export type DeviceCredential = { method: "device"; device: string };
export type Credential = GmailCredential | CodeCredential | DeviceCredential;

/** The fields of a login that may hold a credential. */
type CredentialFields = {
	readonly [K in "password" | "token" | "ticket" | "code" | "device"]?: string | undefined;
};

/** The login's one credential. Throws BadField if there is none, or more than one. */
export function credentialOf({
	password,
	token,
	ticket,
	code,
	device,
}: CredentialFields): Credential {
	const credentials: Credential[] = [];
	if (password !== undefined) credentials.push({ method: "password", password });
	if (token !== undefined) credentials.push({ method: "token", token });
	if (device !== undefined) credentials.push({ method: "device", device });
	const isWhole = (ticket === undefined) === (code === undefined);
	if (ticket !== undefined && code !== undefined)
		credentials.push({ method: "code", ticket, code });
	const [credential, another] = credentials;
	if (credential && !another && isWhole) return credential;
	const sentence =
		"login: password must be given, or token, or device, or ticket with code; exactly one of these.";
	throw new BadField(sentence, undefined);
}
