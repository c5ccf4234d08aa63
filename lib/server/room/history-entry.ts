import type { Member } from "./member.ts";

/**
 * What one token told everybody: `count` events from `seq` on, as JSON, at `at` milliseconds since
 * 1970. Thousands of small long-lived objects cost the runtime more than parsing the JSON again for
 * a member who comes back.
 */
export interface Batch {
	readonly seq: number;
	readonly at: number;
	readonly count: number;
	readonly events: string;
}

/** A private message, as JSON, and its position in each participant's private sequence. */
export interface Private {
	readonly told: string;
	readonly author: Member;
	readonly counts: ReadonlyMap<Member, number>;
}
