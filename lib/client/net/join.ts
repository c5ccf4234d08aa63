import type { ClientMessage } from "../../wire/messages.ts";
import { type PeerReason, ProtocolError, ReasonedError, reason } from "../../wire/reason.ts";
import { sanitizeLine } from "../util/sanitize.ts";
import { Connection, type Incoming } from "./connection.ts";
import type { ServerTarget } from "./endpoint.ts";
import { Membership } from "./membership.ts";

/** Who somebody says they are, and what proves it. */
export type Credentials = { readonly name: string; readonly email: string } & (
	| { readonly password: string }
	| { readonly token: string }
	| { readonly ticket: string; readonly code: string }
);

/** The server's no, and why. */
export class LoginDenied extends ReasonedError<PeerReason> {}

/** The server hung up, and why: nothing was said about the login. */
export class ClosedByServer extends ReasonedError<PeerReason> {}

/** One try: a connection with a key of its own, one login. Throws LoginDenied, ClosedByServer, or as `dial`. */
export async function join(target: ServerTarget, credentials: Credentials): Promise<Membership> {
	const connection = await Connection.open(target);
	try {
		const answer = await firstAnswer(connection, { type: "login", ...credentials });
		if (answer?.type === "welcome") return new Membership(target, connection, answer);
		throw new ProtocolError(
			reason("no_answer", "the server answered something else than yes or no"),
		);
	} catch (error) {
		connection.close();
		throw error;
	}
}

/** The answer to a connection's first message. Throws LoginDenied, ClosedByServer or Unreachable. */
export async function firstAnswer(
	connection: Connection,
	first: ClientMessage,
): Promise<Incoming | undefined> {
	connection.send(first);
	const { value: answer } = await connection.next();
	if (answer?.type === "denied") throw new LoginDenied(sanitized(answer));
	if (answer?.type === "closing") throw new ClosedByServer(sanitized(answer));
	return answer ?? undefined;
}

const sanitized = ({ code, text }: PeerReason): PeerReason => ({ code, text: sanitizeLine(text) });
