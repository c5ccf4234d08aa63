import { reason } from "../../wire/errors/reason.ts";
import { Connection } from "./connection.ts";
import type { Progress } from "./incoming.ts";
import type { ServerTarget } from "./link.ts";
import { Unreachable } from "./link-errors.ts";

/** Where a visit stands: enough to go on with it over another connection. */
export interface VisitPlace {
	/** What the server knows us by. */
	readonly token: string;
	readonly progress: Progress;
}

/** A connection over which a visit goes on. */
export interface Resumption {
	readonly connection: Connection;
	/** Replaces the one that was used. */
	readonly token: string;
	/** How many messages the server can no longer replay. */
	readonly lost: number;
}

/** Tries once to go on with a visit. Throws Unreachable, with the server's code if it refuses. */
export async function resume(
	server: ServerTarget,
	{ token, progress }: VisitPlace,
	signal: AbortSignal,
): Promise<Resumption> {
	const connection = await Connection.open(server, signal);
	try {
		connection.resume(token, progress);
		const { value: answer } = await connection.next();
		if (answer?.type === "denied") throw new Unreachable(answer);
		if (answer?.type !== "resumed") {
			throw new Unreachable(
				reason("no_answer", "The server gave an unexpected answer when we tried to reconnect."),
			);
		}
		const { events, private: told } = answer.lost;
		// We do not know any more who is here.
		if (events > 0) connection.send({ type: "who" });
		return { connection, token: answer.resume, lost: events + told };
	} catch (error) {
		connection.close();
		throw error;
	}
}
