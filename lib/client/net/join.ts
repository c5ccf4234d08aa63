import { type PeerReason, ProtocolError, ReasonedError, reason } from "../../wire/errors/reason.ts";
import type { ClientMessage, Welcome } from "../../wire/messages/messages.ts";
import { sanitizeLine } from "../util/sanitize.ts";
import { Connection } from "./connection.ts";
import type { Incoming } from "./incoming.ts";
import type { RoomTarget } from "./room-target.ts";

/** The name and email that a user claims, and the proof that the account is theirs. */
export type Credentials = {
	readonly name: string;
	readonly email: string;
	/** Asks the server to remember this device. */
	readonly remember?: true;
} & (
	| { readonly password: string }
	| { readonly token: string }
	| { readonly ticket: string; readonly code: string }
	| { readonly device: string }
);

/** The login was denied; `reason` says why. */
export class LoginDenied extends ReasonedError<PeerReason> {}

/** The server hung up without judging the login; `reason` says why. */
export class ClosedByServer extends ReasonedError<PeerReason> {}

/** A connection whose login the server has accepted, and what it said to that. */
export interface Admission {
	readonly connection: Connection;
	readonly welcome: Welcome;
	/** For a visit that another process began: how many messages nobody can bring back. */
	readonly lost?: number;
}

/** Connects to the first server that can be reached. Throws as `Connection.open` does. */
export const connect = ({ servers }: RoomTarget, signal?: AbortSignal): Promise<Connection> =>
	servers.tryInTurn((server) => Connection.open(server, signal), signal);

/**
 * Tries once to log in, over a new connection, which `signal` ends: no other server sees the
 * credentials, even if the connection breaks. Throws LoginDenied, ClosedByServer or ProtocolError,
 * and as `connect` does.
 */
export async function join(
	target: RoomTarget,
	credentials: Credentials,
	signal?: AbortSignal,
): Promise<Admission> {
	const connection = await connect(target, signal);
	try {
		const answer = await firstAnswer(connection, { type: "login", ...credentials });
		if (answer?.type === "welcome") return { connection, welcome: answer };
		throw new ProtocolError(
			reason("no_answer", "The server gave an unexpected answer to the login."),
		);
	} catch (error) {
		connection.close();
		throw error;
	}
}

/**
 * Sends a connection's first message and resolves to the answer. Throws LoginDenied,
 * ClosedByServer, ProtocolError or Unreachable.
 */
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
