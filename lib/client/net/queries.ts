import { ProtocolError, reason } from "../../wire/errors/reason.ts";
import type { ClientMessage } from "../../wire/messages/messages.ts";
import { Connection } from "./connection.ts";
import type { Incoming } from "./incoming.ts";
import { connect, firstAnswer } from "./join.ts";
import type { RoomTarget } from "./room-target.ts";

// Questions that anyone may ask without a login, each over its own connection. All throw
// LoginDenied, ClosedByServer or ProtocolError, and as `connect` does.

/**
 * How to log in to the first server that answers, which then is the current one; a newer one may have
 * methods that we do not know.
 */
export function loginMethods({ servers }: RoomTarget, signal?: AbortSignal): Promise<LoginMethods> {
	return servers.tryInTurn(async (server) => {
		const connection = await Connection.open(server, signal);
		connection.limitAnswer();
		const answer = await query(connection, { type: "login_methods" });
		if (answer?.type === "login_methods") return answer;
		throw new ProtocolError(reason("no_answer", "The server did not say how to log in."));
	}, signal);
}

/** Asks the server to mail a code to `email`; resolves to the ticket that goes with the code. */
export async function requestCode(target: RoomTarget, email: string): Promise<string> {
	const answer = await query(await connect(target), { type: "request_code", email });
	if (answer?.type === "code_sent") return answer.ticket;
	throw new ProtocolError(reason("no_answer", "The server did not say whether it mailed a code."));
}

export type LoginMethods = Extract<Incoming, { type: "login_methods" }>;

async function query(
	connection: Connection,
	question: ClientMessage,
): Promise<Incoming | undefined> {
	try {
		return await firstAnswer(connection, question);
	} finally {
		connection.close();
	}
}
