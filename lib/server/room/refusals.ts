import { reason } from "../../wire/errors/reason.ts";
import type { Change } from "../room-log/entry.ts";
import type { RoomState } from "../room-state/room-state.ts";
import type { Outlet } from "./outlet.ts";
import type { Proposals } from "./proposals.ts";

interface Parts {
	readonly state: RoomState;
	readonly proposals: Proposals;
	readonly outlet: Outlet;
}

/** The log takes nothing for now: those who asked are told, what nobody would ask for again waits. */
export function refuse(change: Change, { state, proposals, outlet }: Parts): void {
	switch (change.kind) {
		case "join":
		case "resume":
			return proposals.take(change.attempt)?.candidate.deny(whyUnavailable(state));
		case "request": {
			const { id } = change.message;
			const member = state.members.findVisitor(change);
			return member?.send({ type: "refused", ...reason("not_taken"), id });
		}
		case "heard":
		case "away":
		case "bans":
			// The member's next ping says it again, or the next tick.
			return;
		case "left": {
			if (change.code === "grace_expired") return;
			// Nobody who says goodbye has to wait for the log, or to say it again.
			const member = state.members.findVisitor(change);
			if (member) outlet.release(member)?.close(reason("left"));
			return proposals.add(change);
		}
		default:
			return proposals.add(change);
	}
}

/** Without a lease, the room has one server. */
const whyUnavailable = ({ settings }: RoomState) =>
	reason("store_unavailable", settings.lease !== null);
