import type { CodeSaidIn } from "../../wire/errors/error-codes.ts";
import type { Reason } from "../../wire/errors/reason.ts";
import type { Link } from "../room-state/link.ts";
import type { Member } from "../room-state/member.ts";

/** A connection that wants to be a member's. */
export interface Candidate extends Link {
	/** The room has let it in. Returns false if the connection has ended meanwhile. */
	admit(member: Member): boolean;
	/**
	 * The room has not. Sends a denial, writes it to the operator's log and ends the connection.
	 * `logged` is what the log says if the reason is meant for that person alone.
	 */
	deny(reason: Reason<CodeSaidIn<"denied">>, logged?: string): void;
}
