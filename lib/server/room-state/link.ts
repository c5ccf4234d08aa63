import type { CodeSaidIn } from "../../wire/errors/error-codes.ts";
import type { Reason } from "../../wire/errors/reason.ts";
import type { ServerMessage } from "../../wire/messages/messages.ts";
import type { DeviceGrant } from "../devices/device-store.ts";

export type ClosingReason = Reason<CodeSaidIn<"closing">>;

/** A member's current connection, as the room sees it. */
export interface Link {
	/** The address that the connection comes from, as far as the network tells. */
	readonly ip: string;
	/** The connection has ended, and nothing that is sent reaches anybody. */
	readonly isGone: boolean;
	/** The remembered device, and what it can log in with the next time, for the welcome. */
	readonly device?: DeviceGrant | undefined;
	/** Sends a message under the member's session key. */
	send(message: ServerMessage): void;
	/** Likewise, for a message that is JSON already. */
	sendJson(message: string): void;
	/** Sends lines under the room key, the same bytes for every member. */
	sendRaw(lines: Buffer): void;
	/** Runs an action in a later turn, as soon as few bytes wait to be taken. */
	whenReady(action: () => void): void;
	/** Says why and hangs up. The room has let go of the connection and hears no more of it. */
	close(reason: ClosingReason): void;
}
