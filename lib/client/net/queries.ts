import { ProtocolError, reason } from "../../wire/errors/reason.ts";
import type { ClientMessage } from "../../wire/messages/messages.ts";
import { Connection } from "./connection.ts";
import type { ServerTarget } from "./endpoint.ts";
import type { Incoming } from "./incoming.ts";
import { firstAnswer } from "./join.ts";

// Questions that anyone may ask without a login, each over its own connection. All throw
// LoginDenied, ClosedByServer or ProtocolError, and as `Connection.open` does.

/** How to log in to the server; a newer one may have methods that we do not know. */
export async function loginMethods(target: ServerTarget): Promise<LoginMethods> {
	const answer = await query(target, { type: "login_methods" });
	if (answer?.type === "login_methods") return answer;
	throw new ProtocolError(reason("no_answer", "The server did not say how to log in."));
}

/** Asks the server to mail a code to `email`; resolves to the ticket that goes with the code. */
export async function requestCode(target: ServerTarget, email: string): Promise<string> {
	const answer = await query(target, { type: "request_code", email });
	if (answer?.type === "code_sent") return answer.ticket;
	throw new ProtocolError(reason("no_answer", "The server did not say whether it mailed a code."));
}

export type LoginMethods = Extract<Incoming, { type: "login_methods" }>;

async function query(target: ServerTarget, question: ClientMessage): Promise<Incoming | undefined> {
	const connection = await Connection.open(target);
	try {
		return await firstAnswer(connection, question);
	} finally {
		connection.close();
	}
}
