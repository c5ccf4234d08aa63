import { ChatError } from "../../util/errors.ts";
import { ReasonedError, reason } from "../../wire/errors/reason.ts";

/** A log that the server cannot or must not use, so that it does not start. */
export const unusable = (sentence: string, cause?: unknown): ChatError =>
	new ReasonedError(reason("room_log_unusable", sentence), { cause });

/** The room has ended, because its log is gone, or lacks what members have heard. */
export class RoomLost extends ChatError {
	constructor(sentence: string) {
		super("room_log_unusable", sentence);
	}
}

export const NO_MODES =
	"is on a filesystem that does not keep file modes, so other users could read it. Choose a place elsewhere with --room";
