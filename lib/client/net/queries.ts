import type { ClientMessage } from "../../wire/messages.ts";
import { ProtocolError, reason } from "../../wire/reason.ts";
import { Connection, type Incoming } from "./connection.ts";
import type { ServerTarget } from "./endpoint.ts";
import { firstAnswer } from "./join.ts";

// Questions that anyone may ask without a login, each over its own connection. All throw
// LoginDenied, ClosedByServer or ProtocolError, and as `Connection.open` does.

/** The login methods that the server accepts; a newer server may have some that we do not know. */
export async function loginMethods(target: ServerTarget): Promise<readonly string[]> {
	const answer = await query(target, { type: "ask" });
	if (answer?.type === "accepts") return answer.ways;
	throw new ProtocolError(reason("no_answer", "The server did not say how to log in."));
}

/** Asks the server to mail a code to `email`; resolves to the ticket that goes with the code. */
export async function requestCode(target: ServerTarget, email: string): Promise<string> {
	const answer = await query(target, { type: "mail", email });
	if (answer?.type === "mailed") return answer.ticket;
	throw new ProtocolError(reason("no_answer", "The server did not say whether it mailed a code."));
}

async function query(target: ServerTarget, question: ClientMessage): Promise<Incoming | undefined> {
	const connection = await Connection.open(target);
	try {
		return await firstAnswer(connection, question);
	} finally {
		connection.close();
	}
}
