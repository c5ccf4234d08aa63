import { ChatError, ProtocolError } from "../wire/errors.ts";
import type { KeyFolder } from "../wire/keys.ts";
import type { Place } from "../wire/place.ts";
import { cleanLine } from "./clean.ts";
import { Connection } from "./connect.ts";
import { Membership } from "./membership.ts";

/** Who somebody says they are, and what proves it. */
export type Credentials = { readonly name: string; readonly email: string } & (
	| { readonly password: string }
	| { readonly token: string }
);

/** The server's no, and why. */
export class Denied extends ChatError {}

/** The server hung up, and why: nothing was said about the login. */
export class Dismissed extends ChatError {}

/** One try: a connection with a key of its own, one login. Throws Denied, Dismissed or Unreachable. */
export async function enter(
	address: Place,
	keys: KeyFolder,
	credentials: Credentials,
): Promise<Membership> {
	const connection = await Connection.open(address, keys);
	try {
		connection.send({ type: "login", ...credentials });
		const { value: answer } = await connection.next();
		if (answer?.type === "welcome") return new Membership(address, keys, connection, answer);
		if (answer?.type === "denied") throw new Denied(answer.code, cleanLine(answer.text));
		if (answer?.type === "closing") throw new Dismissed(answer.code, cleanLine(answer.text));
		throw new ProtocolError("no_answer", "the server answered something else than yes or no");
	} catch (error) {
		connection.close();
		throw error;
	}
}
