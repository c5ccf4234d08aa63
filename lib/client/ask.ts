import { ProtocolError } from "../wire/errors.ts";
import type { KeyFolder } from "../wire/keys.ts";
import type { ClientMessage } from "../wire/messages.ts";
import type { Place } from "../wire/place.ts";
import { Connection, type Heard } from "./connect.ts";
import { answerTo } from "./enter.ts";

// What may be asked without a login: each question by a connection of its own. They throw Denied,
// Dismissed or Unreachable.

/** The ways to prove whose account it is that the server takes. */
export async function waysOf(address: Place, keys: KeyFolder): Promise<readonly string[]> {
	const answer = await ask(address, keys, { type: "ask" });
	if (answer?.type === "accepts") return answer.ways;
	throw new ProtocolError("no_answer", "the server did not say how to log in");
}

/** Has a code mailed to an address; gives the ticket to present it with. */
export async function mailCode(address: Place, keys: KeyFolder, email: string): Promise<string> {
	const answer = await ask(address, keys, { type: "mail", email });
	if (answer?.type === "mailed") return answer.ticket;
	throw new ProtocolError("no_answer", "the server did not say whether it mails a code");
}

async function ask(
	address: Place,
	keys: KeyFolder,
	question: ClientMessage,
): Promise<Heard | undefined> {
	const connection = await Connection.open(address, keys);
	try {
		return await answerTo(connection, question);
	} finally {
		connection.close();
	}
}
