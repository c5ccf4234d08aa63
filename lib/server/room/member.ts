import type { CodeSaidIn } from "../../wire/errors/error-codes.ts";
import type { Reason } from "../../wire/errors/reason.ts";
import type { ServerMessage } from "../../wire/messages/messages.ts";
import type { TokenBucket } from "../limits/rate-limiter.ts";
import type { VerifiedUser } from "../log/logger.ts";

export type ClosingReason = Reason<CodeSaidIn<"closing">>;

/** A member's current connection, as the room sees it. */
export interface Link {
	/** The address that the connection comes from, as far as the network tells. */
	readonly ip: string;
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

/** What a member has missed, piece by piece. */
export interface Missed {
	/** The next items, as the JSON of a list; null if there are no more. */
	next(): string | null;
	/** What comes next is no longer to be had. */
	readonly isCutOff: boolean;
}

/** A member that is back or has just joined, while what it may read is still on its way. */
export interface Behind {
	readonly state: "behind";
	readonly link: Link;
	readonly missed: Missed;
	/** What is replayed to it counts against each of these, in bytes. */
	readonly rates: readonly TokenBucket[];
	/** Of the room key that it knows. */
	readonly epoch: number;
	/** How many have come meanwhile. */
	pings: number;
}

/** The state of a member's connection. */
type Presence =
	/** Joining: the member is admitted and holds a name, but hears nothing before the welcome. */
	| { readonly state: "joining" | "online"; readonly link: Link }
	| Behind
	/** The connection broke at `since`, in monotonic milliseconds. It may come back. */
	| { readonly state: "offline"; readonly since: number }
	/** The room has let go of the member; the account may be back as another member. */
	| { readonly state: "gone" };

/** What the server has verified about a member, and what the others see of it. */
export interface Identity {
	readonly name: string;
	/** Canonical; each account has at most one member. */
	readonly account: string;
	readonly shownEmail: string | undefined;
}

/** How many ids we remember for one member, at least: more than a client may have in flight. */
const MIN_REMEMBERED_IDS = 1024;

/** Messages kept for a member that may be gone: beyond them it is told once, or not at all. */
const MAX_OWED = 100;

/** Random in each process, so that nobody can choose two ids with the same hash. */
const [SEED = 0] = crypto.getRandomValues(new Uint32Array(1));

/**
 * 53 bits for an id: to keep its string for long would cost more than to hash it. We take a new id
 * for one that we remember, and drop its message, less than once in 10^12.
 */
const hashOf = (id: string): number => Number(Bun.hash(id, SEED));

/** Somebody in the room. A member may outlast many connections. */
export class Member implements Identity {
	readonly name: string;
	readonly account: string;
	readonly shownEmail: string | undefined;
	/** Tells this stay in the room from any other, even one under the same name. */
	readonly visit: string;
	/** When the login was verified, in monotonic milliseconds. */
	readonly joinedAt: number;
	presence: Presence;
	/** What the others were told last. They hear of a break and of its end later than it happens. */
	isAway = false;
	/** The place of the last event that the member may not read. */
	unreadableSeq = 0;
	/** The place of the last event before the welcome: what it may read up to there is history. */
	joinedAtSeq = 0;
	/** The number of private messages that this member was told, including its own. */
	privateCount = 0;
	/** How many of them the client has confirmed. */
	privateConfirmed = 0;
	/** What may not have arrived, and must be sent again after a break. */
	#owed: ServerMessage[] = [];
	/** When it last came back, in monotonic milliseconds. */
	resumedAt = Number.NEGATIVE_INFINITY;
	/** Stands for the newest connection that wants to be this member's. */
	newestAttempt: AbortSignal | undefined;
	/** How much may be replayed to it, in bytes. */
	replayRate: TokenBucket | undefined;
	/** How fast this member may talk, over whichever connection. */
	rate: TokenBucket | undefined;
	/** Hashes of the ids used, so that a message repeated after a break is said only once. */
	#ids: Set<number> | undefined;
	#olderIds: Set<number> | undefined;
	/**
	 * What the member comes back with after a break: the token that it has confirmed, if any, and the
	 * one given since.
	 */
	resumeTokens: string[] = [];

	constructor(
		{ name, account, shownEmail }: Identity,
		visit: string,
		joinedAt: number,
		link: Link,
	) {
		this.visit = visit;
		this.name = name;
		this.account = account;
		this.shownEmail = shownEmail;
		this.joinedAt = joinedAt;
		this.presence = { state: "joining", link };
	}

	/** The current connection, or null. */
	get link(): Link | null {
		const { presence } = this;
		return "link" in presence ? presence.link : null;
	}

	/** The member in the operator's log. */
	get user(): VerifiedUser {
		return { name: this.name, account: this.account };
	}

	get isGone(): boolean {
		return this.presence.state === "gone";
	}

	hasUsedId(id: string): boolean {
		const hash = hashOf(id);
		return Boolean(this.#ids?.has(hash) || this.#olderIds?.has(hash));
	}

	/** Remembers an id. Forgets the older half all at once: one by one would cost more each time. */
	rememberId(id: string): void {
		this.#ids ??= new Set();
		this.#ids.add(hashOf(id));
		if (this.#ids.size < MIN_REMEMBERED_IDS) return;
		this.#olderIds = this.#ids;
		this.#ids = undefined;
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
		if (this.#owed.length < MAX_OWED) this.#owed.push(message);
		// A member that is behind gets it after everything that it has missed.
		if (this.presence.state !== "behind") this.send(message);
	}

	/** The member is back: its last connection may have been dead when something was sent on it. */
	sendOwed(): void {
		for (const message of this.#owed) this.send(message);
	}

	/** The member has sent something, so what it was sent has arrived. */
	forgetOwed(): void {
		if (this.#owed.length > 0) this.#owed = [];
	}

	/** The client says how many private messages have arrived. */
	confirmPrivate(count: number): void {
		const confirmed = Math.min(count, this.privateCount);
		this.privateConfirmed = Math.max(this.privateConfirmed, confirmed);
	}
}
