import type { Broadcast } from "./broadcast.ts";
import type { CatchUp } from "./catch-up.ts";
import type { Member } from "./member.ts";
import type { MemberDirectory } from "./member-directory.ts";
import type { RoomOptions } from "./room-options.ts";
import { welcomeJson } from "./welcome.ts";

interface NewcomersOptions {
	readonly room: RoomOptions;
	readonly broadcast: Broadcast;
	readonly members: MemberDirectory;
	readonly catchUp: CatchUp;
}

/** What those who join in one turn are told alike. */
interface Moment {
	/** The number of the last event before this turn, and of the last in it. */
	readonly before: number;
	readonly until: number;
	/** The members at the end of the turn, as JSON. */
	readonly members: string;
}

/** Welcomes those who join, with what was said before if the room gives newcomers a history. */
export class Newcomers {
	readonly #options: NewcomersOptions;
	title: string | undefined;

	constructor(options: NewcomersOptions) {
		this.#options = options;
		this.title = options.room.title;
	}

	/** Call when all that happened in the turn has been sent to the others. */
	welcome(newcomers: readonly Member[], { before, until, members }: Moment): void {
		const { room, broadcast, members: directory, catchUp } = this.#options;
		const { history, newcomerEvents: events } = room;
		const start = events === 0 ? null : history.startAfter(before - events);
		for (const member of newcomers) {
			const { presence } = member;
			if (presence.state !== "joining") continue;
			member.joinedAtSeq = until;
			member.unreadableSeq = start?.seq ?? until;
			const place = {
				...broadcast.key,
				seq: member.unreadableSeq,
				resume: directory.nextResumeToken(member),
				title: this.title,
				history: start ? { events, until } : undefined,
			};
			const welcome = welcomeJson(member, room, place, members);
			if (start) catchUp.welcome(member, presence.link, start, welcome);
			else {
				member.presence = { state: "online", link: presence.link };
				presence.link.sendJson(welcome);
			}
		}
	}
}
