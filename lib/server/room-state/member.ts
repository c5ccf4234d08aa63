import type { ServerMessage } from "../../wire/messages/messages.ts";
import type { TokenBucket } from "../limits/rate-limiter.ts";
import type { VerifiedUser } from "../log/logger.ts";
import type { Visitor } from "../room-log/entry.ts";
import type { Link } from "./link.ts";
import type { Presence } from "./presence.ts";
import { UsedIds, type UsedIdsJson } from "./used-ids.ts";

/** What the server has verified about a member. */
export interface Identity {
	readonly name: string;
	/** Canonical; each account has at most one member. */
	readonly account: string;
}

/** All that the room knows about a member, whichever server it is connected to. */
export interface MemberJson extends Identity, Visitor {
	readonly joinedAt: number;
	readonly server: string;
	readonly offlineSince: number | null;
	readonly offlineSeq: number | null;
	readonly isCaughtUp: boolean;
	readonly awaySince: number | null;
	readonly unreadableSeq: number;
	readonly joinedAtSeq: number;
	readonly privateCount: number;
	readonly privateConfirmed: number;
	readonly owed: readonly ServerMessage[];
	readonly tokens: readonly string[];
	readonly ids: UsedIdsJson;
}

/** Messages kept for a member that may be gone: beyond them it is told once, or not at all. */
const MAX_OWED = 100;
/** Resume tokens that are good at once: the one that has been used, and the newest given since. */
const MAX_TOKENS = 4;

/** Somebody in the room. A member may outlast many connections, and this server. */
export class Member implements Identity, Visitor {
	readonly name: string;
	readonly account: string;
	/** Tells this stay in the room from any other, even one under the same name. */
	readonly visit: string;
	/** In the log's time, but before it by as long as no server ran. */
	joinedAt: number;
	generation: number;
	/** The server of its newest connection. */
	server: string;
	/** When that connection broke, in the log's time; null while it lasts. */
	offlineSince: number | null;
	/** The place of the last event by then: the member cannot have heard of a later one. */
	offlineSeq: number | null;
	/** It has everything that it missed. */
	isCaughtUp: boolean;
	/**
	 * When the others were told that it is away, as they were; null if they were told nothing, or that
	 * it is back. They hear of a break and of its end later than it happens.
	 */
	awaySince: number | null;
	/** The place of the last event that the member may not read. */
	unreadableSeq: number;
	/** The place of the last event before the welcome: what it may read up to there is history. */
	joinedAtSeq: number;
	/** The number of private messages that this member was told, including its own. */
	privateCount: number;
	/** How many of them the client has confirmed. */
	privateConfirmed: number;
	/** What may not have arrived, and must be sent again after a break. */
	#owed: readonly ServerMessage[];
	/** Hashes of what it can come back with: see `nextToken`. */
	tokens: readonly string[];
	readonly ids: UsedIds;
	/** The room has let go of the member; the account may be back as another member. */
	isGone = false;

	// What follows is this server's own business, and no part of the room's state.

	presence: Presence = { state: "absent" };
	/** It was given a room key of this server. */
	knowsKey = false;
	/** The id of the remembered device that it logged in on here. */
	device: string | undefined;
	/** When it last came back, in monotonic milliseconds. */
	resumedAt = Number.NEGATIVE_INFINITY;
	/** Stands for the newest connection that wants to be this member's. */
	newestAttempt: AbortSignal | undefined;
	/** How much may be replayed to it, in bytes. */
	replayRate: TokenBucket | undefined;
	/** How fast this member may talk, over whichever connection. */
	rate: TokenBucket | undefined;

	constructor(json: MemberJson) {
		this.name = json.name;
		this.account = json.account;
		this.visit = json.visit;
		this.joinedAt = json.joinedAt;
		this.generation = json.generation;
		this.server = json.server;
		this.offlineSince = json.offlineSince;
		this.offlineSeq = json.offlineSeq;
		this.isCaughtUp = json.isCaughtUp;
		// The snapshot of an older server does not say: then the others are told once more.
		this.awaySince = json.awaySince ?? null;
		this.unreadableSeq = json.unreadableSeq;
		this.joinedAtSeq = json.joinedAtSeq;
		this.privateCount = json.privateCount;
		this.privateConfirmed = json.privateConfirmed;
		this.#owed = json.owed;
		this.tokens = json.tokens;
		this.ids = new UsedIds(json.ids);
	}

	toJSON(): MemberJson {
		const { name, account, visit, joinedAt, generation, server } = this;
		const { offlineSince, offlineSeq, isCaughtUp, awaySince, unreadableSeq, joinedAtSeq } = this;
		const { privateCount, privateConfirmed, tokens, ids } = this;
		return {
			...{ name, account, visit, joinedAt, generation, server },
			...{ offlineSince, offlineSeq, isCaughtUp, awaySince, unreadableSeq, joinedAtSeq },
			...{ privateCount, privateConfirmed, owed: this.#owed, tokens, ids: ids.toJSON() },
		};
	}

	/** The current connection to this server, or null. */
	get link(): Link | null {
		const { presence } = this;
		return "link" in presence ? presence.link : null;
	}

	/** The member in the operator's log. */
	get user(): VerifiedUser {
		return { name: this.name, account: this.account };
	}

	get visitor(): Visitor {
		return { visit: this.visit, generation: this.generation };
	}

	send(message: ServerMessage): void {
		this.link?.send(message);
	}

	/** Counts a private message, given as JSON, and sends it unless a replay will bring it. */
	hear(told: string): void {
		this.privateCount++;
		if (this.presence.state === "online") this.presence.link.sendJson(told);
	}

	/** Sends a message that the history does not keep, and again after a break. */
	sendSurely(message: ServerMessage): void {
		if (this.#owed.length < MAX_OWED) this.#owed = [...this.#owed, message];
		// A member that is behind gets it after everything that it has missed.
		if (this.presence.state !== "behind") this.send(message);
	}

	/** The member is back: its last connection may have been dead when something was sent on it. */
	sendOwed(): void {
		for (const message of this.#owed) this.send(message);
	}

	/**
	 * The member has come back with one of its tokens, and gets another. The others stay good until it
	 * uses the new connection: an answer may be lost, and an attempt that the client has given up may
	 * arrive late.
	 */
	nextToken(used: string, next: string): void {
		const given = this.tokens.slice(this.tokens.indexOf(used) + 1);
		this.tokens = [used, ...given.slice(2 - MAX_TOKENS), next];
	}

	/** Whether `confirm` would change something. */
	get isUnconfirmed(): boolean {
		return this.tokens.length > 1 || (this.isCaughtUp && this.#owed.length > 0);
	}

	/** The member has used its connection, on which it got its newest token and what it is owed. */
	confirm(): void {
		if (this.tokens.length > 1) this.tokens = this.tokens.slice(-1);
		// Sent after all that it missed: before that, it has not arrived.
		if (this.isCaughtUp && this.#owed.length > 0) this.#owed = [];
	}

	/** The client says how many private messages have arrived. */
	confirmPrivate(count: number): void {
		const confirmed = Math.min(count, this.privateCount);
		this.privateConfirmed = Math.max(this.privateConfirmed, confirmed);
	}
}
