import type { Member } from "./member.ts";
import type { RoomOptions } from "./room-options.ts";

type AbsencesOptions = Pick<RoomOptions, "now" | "grace" | "desertedGrace" | "awayAfter"> & {
	readonly members: Iterable<Member>;
};

/** Members whose connection broke: for how long the room keeps their places. */
export class Absences {
	readonly #options: AbsencesOptions;
	/** When a member's connection last ended, in monotonic milliseconds. */
	#lastEnd = 0;

	constructor(options: AbsencesOptions) {
		this.#options = options;
	}

	/** Call when a member's connection ends, however it does. */
	disconnected(): void {
		this.#lastEnd = this.#options.now();
	}

	/** The members that have not come back in time, and those that the others must now hear are away. */
	due(): { expired: Member[]; away: Member[] } {
		const { now, grace, awayAfter, members } = this.#options;
		const isDeserted = this.#isDeserted;
		const expired: Member[] = [];
		const away: Member[] = [];
		for (const member of members) {
			if (member.presence.state !== "offline") continue;
			const gone = now() - member.presence.since;
			if (gone >= grace || isDeserted) expired.push(member);
			else if (gone >= awayAfter && !member.isAway) away.push(member);
		}
		return { expired, away };
	}

	/** Nobody has been connected for so long that the room waits for nobody any more. */
	get #isDeserted(): boolean {
		const { now, desertedGrace, members } = this.#options;
		if (now() - this.#lastEnd < desertedGrace) return false;
		for (const { link } of members) if (link) return false;
		return true;
	}
}
