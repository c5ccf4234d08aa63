import { type PeerReason, ReasonedError } from "../../wire/errors/reason.ts";

/** The server could not be reached, or the connection to it was lost. */
export class Unreachable extends ReasonedError<PeerReason> {}

/** The server did not prove that it is the right one. Nothing was sent to it. */
export class Untrusted extends ReasonedError {}
