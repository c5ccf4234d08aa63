import { ProtocolError } from "../../util/errors.ts";
import type { ClientMessage } from "../../wire/messages.ts";
import { Connection, type Heard } from "./connection.ts";
import type { Route } from "./endpoint.ts";
import { answerTo } from "./join.ts";

// What may be asked without a login: each question by a connection of its own. They throw Denied,
// Dismissed, or as `dial` does.

/** The ways to prove whose account it is that the server takes. */
export async function waysOf(route: Route): Promise<readonly string[]> {
	const answer = await ask(route, { type: "ask" });
	if (answer?.type === "accepts") return answer.ways;
	throw new ProtocolError("no_answer", "the server did not say how to log in");
}

/** Has a code mailed to an address; gives the ticket to present it with. */
export async function mailCode(route: Route, email: string): Promise<string> {
	const answer = await ask(route, { type: "mail", email });
	if (answer?.type === "mailed") return answer.ticket;
	throw new ProtocolError("no_answer", "the server did not say whether it mails a code");
}

async function ask(route: Route, question: ClientMessage): Promise<Heard | undefined> {
	const connection = await Connection.open(route);
	try {
		return await answerTo(connection, question);
	} finally {
		connection.close();
	}
}
