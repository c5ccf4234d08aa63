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

/** One who takes part in a private message: the visit, and the position among all that it was told. */
type Participant = readonly [visit: string, count: number];

/** A private message, as JSON. Who tells something to itself is both participants. */
export interface Private {
	readonly told: string;
	readonly author: Participant;
	readonly reader: Participant;
}

/** The position of a private message in the private sequence of a visit; 0 if it takes no part. */
export function positionIn({ author, reader }: Private, visit: string): number {
	if (author[0] === visit) return author[1];
	return reader[0] === visit ? reader[1] : 0;
}
