import type { ErrorCode } from "../../wire/errors/error-codes.ts";
import type { OwnerMessage, Say, Tell } from "../../wire/messages/messages.ts";
import type { BanVersion } from "../accounts/ban-record.ts";
import type { RoomSettings } from "./room-settings.ts";

/** What one server adds to the order in one turn. */
export interface Entry {
	/** Random for each start of a server. */
	readonly server: string;
	/** Counts the entries of that server, from 1: one that comes twice counts once. */
	readonly n: number;
	readonly changes: readonly Change[];
}

/** Why a connection or a membership ended, for the operator's log. */
export type DepartureCode = ErrorCode | "broken" | "grace_expired";

/** One connection of one visit: what it asks for counts only while it is the member's newest. */
export interface Visitor {
	readonly visit: string;
	/** Counts the connections of the visit, from 1. */
	readonly generation: number;
}

/** Accounts that the ban list's file and the room did not know of each other. */
export interface BanEdits {
	/** A room of several servers goes on with this list, unless another server was first: then nothing counts. */
	readonly begins?: BanVersion;
	/** By hand: banned, and no longer banned. */
	readonly added: readonly string[];
	readonly removed: readonly string[];
	/** Changed by owners, and in the file by now. */
	readonly saved: readonly string[];
}

/**
 * What somebody wants to change in the room, which judges it when it has its place. Resume tokens are
 * hashed. An `attempt` is the number by which its server knows the connection that waits.
 */
export type Change =
	/** A server begins to serve the room. `prefix` is random; the first server's counts. */
	| {
			readonly kind: "start";
			readonly settings: RoomSettings;
			readonly prefix: string;
	  }
	/** The server is there, and has nothing else to say. */
	| { readonly kind: "beat" }
	/** A server is gone, and all its connections with it. Of another server it is a proposal. */
	| { readonly kind: "dead"; readonly server: string }
	| {
			readonly kind: "join";
			readonly attempt: number;
			readonly name: string;
			readonly account: string;
			readonly token: string;
	  }
	| {
			readonly kind: "resume";
			readonly attempt: number;
			readonly token: string;
			readonly nextToken: string;
			readonly seq: number;
			readonly private: number;
	  }
	| ({ readonly kind: "request"; readonly message: Say | Tell | OwnerMessage } & Visitor)
	/** The member has used its connection, and this many private messages have arrived there. */
	| ({ readonly kind: "heard"; readonly private: number } & Visitor)
	| ({ readonly kind: "lost"; readonly code: DepartureCode } & Visitor)
	/** A proposal: the log's time decides whether it is so. */
	| ({ readonly kind: "away" } & Visitor)
	/** The member has everything that it missed. */
	| ({ readonly kind: "back" } & Visitor)
	/** The member goes. `grace_expired` is a proposal, too. */
	| ({ readonly kind: "left"; readonly code: DepartureCode } & Visitor)
	/** The operator has edited the ban list, or it has got what owners changed. */
	| ({ readonly kind: "bans" } & BanEdits);

export type ChangeOf<K extends Change["kind"]> = Extract<Change, { kind: K }>;
