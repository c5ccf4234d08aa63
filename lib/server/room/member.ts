import type { ServerMessage } from "../../wire/messages.ts";
import type { Reason } from "../../wire/reason.ts";
import type { TokenBucket } from "../limits/rate-limiter.ts";

/** A way to a member: its present connection. */
export interface Link {
	/** Where it comes from, as far as the network tells. */
	readonly ip: string;
	/** Under the member's session key. */
	send(message: ServerMessage): void;
	/** A line under the room key, the same bytes for every member. */
	sendRaw(line: Buffer): void;
	/** Says why and hangs up. The room has let go of this connection and hears no more of it. */
	close(reason: Reason): void;
}

/** Where a member's connection stands. */
export type Presence =
	/** Let in, and holding a name, but hearing nothing before the welcome. */
	| { readonly state: "joining" | "online"; readonly link: Link }
	/** Since when the connection is broken, milliseconds since 1970. It may come back. */
	| { readonly state: "offline"; readonly since: number }
	/** The room has let go of this member and its connection; the account may be back as another. */
	| { readonly state: "gone" };

/** What the server has verified, and what the others see of it. */
export interface Identity {
	readonly name: string;
	/** The canonical address: one account, one member. */
	readonly account: string;
	readonly shownEmail: string | undefined;
}

/** Ids that are remembered of one member, at least: more than a client may have on their way at once. */
const MIN_REMEMBERED_IDS = 1024;

/** Anew in each process: nobody can choose two ids that have one hash. */
const [SEED = 0] = crypto.getRandomValues(new Uint32Array(1));

/**
 * 53 bits for an id: its string, kept for long, costs more than hashing it. A new id is taken for one
 * of those kept, and its message not said, less than once in 10^12.
 */
const hashOf = (id: string): number => Number(Bun.hash(id, SEED));

/** Somebody in the room, for longer than one connection may last. */
export class Member implements Identity {
	readonly name: string;
	readonly account: string;
	readonly shownEmail: string | undefined;
	/** When the login was verified, milliseconds since 1970. */
	readonly since: number;
	presence: Presence;
	/** What the others were told last: they hear of a break, and of its end, later than it happens. */
	isAway = false;
	/** The last event before the welcome: nothing up to it is this member's to read. */
	joinedAtSeq = 0;
	/** How many private lines were told to this member, its own counted. */
	privateCount = 0;
	/** How fast this member may talk, whichever the connection. */
	rate: TokenBucket | undefined;
	/** What was said already, so that saying it again after a break says it once. */
	#ids: Set<number> | undefined;
	#olderIds: Set<number> | undefined;
	/** What a broken connection comes back with. The older one serves until the newer is known. */
	resumeTokens: string[] = [];

	constructor({ name, account, shownEmail }: Identity, since: number, link: Link) {
		this.name = name;
		this.account = account;
		this.shownEmail = shownEmail;
		this.since = since;
		this.presence = { state: "joining", link };
	}

	/** The present connection, or null. */
	get link(): Link | null {
		const { presence } = this;
		return presence.state === "online" || presence.state === "joining" ? presence.link : null;
	}

	get isGone(): boolean {
		return this.presence.state === "gone";
	}

	hasUsedId(id: string): boolean {
		const hash = hashOf(id);
		return Boolean(this.#ids?.has(hash) || this.#olderIds?.has(hash));
	}

	/** Remembers an id. Of many the older half is forgotten at once: one by one costs more each time. */
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
}
