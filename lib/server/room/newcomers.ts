import type { Member } from "../room-state/member.ts";
import type { RoomState } from "../room-state/room-state.ts";
import type { Broadcast } from "./broadcast.ts";
import type { CatchUp } from "./catch-up.ts";
import { welcomeJson } from "./welcome.ts";

interface NewcomersOptions {
	readonly state: RoomState;
	readonly broadcast: Broadcast;
	readonly catchUp: CatchUp;
	readonly motd: string | undefined;
}

/** What those who join with one entry are told alike. */
interface Moment {
	/** The place of the last event before the entry, and of the last in it. */
	readonly before: number;
	readonly until: number;
	/** The welcome's fields about the members after the entry, as JSON. */
	readonly members: string;
}

/** Welcomes those who join, with what was said before if the room gives newcomers a history. */
export class Newcomers {
	readonly #options: NewcomersOptions;
	constructor(options: NewcomersOptions) {
		this.#options = options;
	}

	/** Call when all that the entry brought has been sent to the others. */
	welcome(newcomers: readonly Member[], { before, until, members }: Moment): void {
		const { state, broadcast, catchUp, motd } = this.#options;
		const { newcomerEvents: events } = state.settings;
		const start = events === 0 ? null : state.history.startAfter(before - events);
		for (const member of newcomers) {
			member.joinedAtSeq = until;
			member.unreadableSeq = start?.seq ?? until;
			const { presence } = member;
			if (presence.state !== "joining") continue;
			member.knowsKey = true;
			const place = {
				...broadcast.key,
				seq: member.unreadableSeq,
				resume: presence.resume,
				title: state.title,
				device: presence.link.device?.secret,
				history: start ? { events, until } : undefined,
			};
			const welcome = welcomeJson(member, state, motd, place, members);
			if (start) catchUp.welcome(member, presence.link, start, welcome);
			else {
				member.presence = { state: "online", link: presence.link };
				presence.link.sendJson(welcome);
			}
		}
	}
}
