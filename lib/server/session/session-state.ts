import type { Channel } from "../../wire/crypto/channel.ts";
import { hasCode, type Reason, reason } from "../../wire/errors/reason.ts";
import type { ServerMessage } from "../../wire/messages/messages.ts";
import type { Member } from "../room-state/member.ts";
import type { ServerContext } from "./context.ts";
import type { LoginHandler } from "./login.ts";
import type { RequestQueue } from "./request-queue.ts";
import type { SessionKey } from "./session-key.ts";

export type ServerChannel = Channel<ServerMessage>;

/** How far a connection has come, and what it has by then. Deadlines are monotonic milliseconds. */
export type SessionState =
	| { readonly name: "hello"; readonly deadline: number }
	/** `early`: the first token, if it arrived before we found its key. */
	| { readonly name: "key"; readonly deadline: number; readonly key: SessionKey; early?: string }
	| {
			readonly name: "login";
			readonly deadline: number;
			readonly key: SessionKey;
			readonly channel: ServerChannel;
			readonly handler: LoginHandler;
	  }
	/** The check of a login has deadlines of its own. */
	| {
			readonly name: "checking";
			readonly key: SessionKey;
			readonly channel: ServerChannel;
			readonly handler: LoginHandler;
			readonly abort: AbortController;
	  }
	| MemberState
	| { readonly name: "gone" };

/** The end of the time that a client has for a step, in monotonic milliseconds. */
export const deadlineIn = (
	{ limits, now }: Pick<ServerContext, "limits" | "now">,
	limit: "helloTime" | "keyTime" | "loginTime",
): number => now() + limits[limit] * 1000;

/** What the server did not do in time, in each state with a deadline. */
const MISSED = {
	hello: "received no hello line",
	key: "found no key file in its keys folder (--keys)",
	login: "received no login",
} as const;

/** Why a session ends that has missed its deadline. */
export function missedDeadline(state: Extract<SessionState, { deadline: number }>): Reason {
	const fault = state.name === "key" ? state.key.fault : null;
	return fault ?? reason("login_timeout", MISSED[state.name]);
}

/** How a connection ends, once its last message is on its way. */
export type Ending = "end" | "abandon" | "endPatiently";

export function endingFor(reason: Reason): Ending {
	// What a replaced connection has not taken, the newer one gets.
	if (hasCode(reason, "replaced")) return "abandon";
	return hasCode(reason, "too_slow") ? "endPatiently" : "end";
}

export interface MemberState {
	readonly name: "member";
	readonly key: SessionKey;
	readonly channel: ServerChannel;
	readonly member: Member;
	readonly requests: RequestQueue;
}
