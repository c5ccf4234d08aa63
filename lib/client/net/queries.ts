import type { ClientMessage } from "../../wire/messages.ts";
import { ProtocolError, reason } from "../../wire/reason.ts";
import { Connection, type Incoming } from "./connection.ts";
import type { ServerTarget } from "./endpoint.ts";
import { firstAnswer } from "./join.ts";

// What anyone may ask without a login, each question over a connection of its own. All throw
// LoginDenied, ClosedByServer, or as `dial` does.

/** The ways to prove whose account it is that the server takes. */
export async function loginMethods(target: ServerTarget): Promise<readonly string[]> {
	const answer = await query(target, { type: "ask" });
	if (answer?.type === "accepts") return answer.ways;
	throw new ProtocolError(reason("no_answer", "the server did not say how to log in"));
}

/** The server mails a code to `email`; resolves to the ticket to present it with. */
export async function requestCode(target: ServerTarget, email: string): Promise<string> {
	const answer = await query(target, { type: "mail", email });
	if (answer?.type === "mailed") return answer.ticket;
	throw new ProtocolError(reason("no_answer", "the server did not say whether it mails a code"));
}

async function query(target: ServerTarget, question: ClientMessage): Promise<Incoming | undefined> {
	const connection = await Connection.open(target);
	try {
		return await firstAnswer(connection, question);
	} finally {
		connection.close();
	}
}
