import type { TokenBucket } from "../limits/rate-limiter.ts";
import type { Link } from "./link.ts";

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

/** A member's connection to this server. */
export type Presence =
	/** It has none, but perhaps one to another server. */
	| { readonly state: "absent" }
	/** The member holds a name, but hears nothing before the welcome, which brings its resume token. */
	| { readonly state: "joining"; readonly link: Link; readonly resume: string }
	| { readonly state: "online"; readonly link: Link }
	| Behind;
