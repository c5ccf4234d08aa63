import type { CodeSaidIn } from "../../wire/errors/error-codes.ts";
import type { Reason } from "../../wire/errors/reason.ts";
import type { RoomEvent } from "../../wire/messages/events.ts";
import type { OwnerMessage } from "../../wire/messages/messages.ts";
import type { LogEntry } from "../log/logger.ts";
import type { BanEdits } from "../room-log/entry.ts";
import type { Member } from "../room-state/member.ts";
import type { RemovalReason } from "../room-state/removals.ts";
import type { RoomState } from "../room-state/room-state.ts";

/** Why a room has ended. */
export type EndReason = Reason<Extract<CodeSaidIn<"closing">, "room_ended" | "room_closed">>;

/** What a member's request can do to the room while its entry is applied. */
export interface RoomControls {
	readonly state: RoomState;
	/** False while the log still gives what happened before this server began. */
	readonly isLive: boolean;
	/** Whether this server has made the entry. */
	readonly isOurs: boolean;
	/** Tells everybody when the entry is done, in the room's order, and keeps it in the history. */
	publish(event: RoomEvent): void;
	/** Sends all that has happened up to now, and then whatever the sending has caused. */
	settle(): void;
	/** Removes a member for good, once it has heard all that happened so far. */
	kick(member: Member, reason: RemovalReason): void;
	/** The room ends for everybody. */
	end(reason: EndReason): void;
	/** Writes to the operator's log what this server has to do with. */
	log(entry: LogEntry): void;
}

/** Carries out what owners ask for. */
export interface OwnerRequests {
	handle(room: RoomControls, member: Member, message: OwnerMessage): void;
	/** What the ban list's file and the room do not know of each other, if there is something. */
	banEdits(state: RoomState): BanEdits | null;
}
