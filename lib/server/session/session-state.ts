import type { Channel } from "../../wire/channel.ts";
import type { ClientMessage, ServerMessage } from "../../wire/messages.ts";
import type { Member } from "../room/member.ts";
import type { LoginHandler } from "./login.ts";
import type { SessionKey } from "./session-key.ts";

export type ServerChannel = Channel<ClientMessage, ServerMessage>;

/** How far a connection has come, and what it has by then. Deadlines in milliseconds since 1970. */
export type SessionState =
	| { readonly name: "hello"; readonly deadline: number }
	/** `early`: the first token, if it came before its key was found. */
	| { readonly name: "key"; readonly deadline: number; readonly key: SessionKey; early?: string }
	| {
			readonly name: "login";
			readonly deadline: number;
			readonly key: SessionKey;
			readonly channel: ServerChannel;
			readonly handler: LoginHandler;
	  }
	/** A login that is being checked has deadlines of its own. */
	| {
			readonly name: "checking";
			readonly key: SessionKey;
			readonly channel: ServerChannel;
			readonly handler: LoginHandler;
			readonly abort: AbortController;
	  }
	| MemberState
	| { readonly name: "gone" };

/** What each state with a deadline waits for. */
export const AWAITED = { hello: "hello line", key: "key file", login: "login" } as const;

export interface MemberState {
	readonly name: "member";
	readonly key: SessionKey;
	readonly channel: ServerChannel;
	readonly member: Member;
}
