import type { RoomEvent } from "../../wire/messages/events.ts";
import type { Resume } from "../../wire/messages/messages.ts";
import { TokenBucket } from "../limits/rate-limiter.ts";
import type { Broadcast } from "./broadcast.ts";
import type { History } from "./history.ts";
import type { Behind, Link, Member, Missed } from "./member.ts";
import type { MemberDirectory } from "./member-directory.ts";

interface CatchUpOptions {
	readonly history: History;
	readonly broadcast: Broadcast;
	readonly members: MemberDirectory;
	/** Monotonic milliseconds. */
	readonly now: () => number;
	readonly publish: (event: RoomEvent) => void;
	/** Called when a member has everything up to now: what it asked for can be answered. */
	readonly onCaughtUp: () => void;
	/** Called when a member reads too slowly for what it asks, or for what the history keeps. */
	readonly onCutOff: (member: Member, link: Link) => void;
}

/** How many whole histories a member may be replayed at once, and in an hour. */
const REPLAYS_AT_ONCE = 2;
const REPLAYS_PER_HOUR = 60;
/** Pings of a member that is behind: the answers to all of them go out at once. */
const MAX_PINGS = 1000;

/**
 * Brings members that came back up to date, each as fast as it reads: what a member has missed is
 * never in memory as a whole, and whoever asks for it again and again pays for every byte.
 */
export class CatchUp {
	readonly #options: CatchUpOptions;
	/** Members that have used up what may be replayed to them for now. */
	readonly #waiting = new Map<Member, Missed>();

	constructor(options: CatchUpOptions) {
		this.#options = options;
	}

	/** Gives a member a new connection, and begins with what it has missed. */
	begin(member: Member, { seq, private: heard }: Resume, link: Link): void {
		const { history, broadcast, members, now } = this.#options;
		member.resumedAt = now();
		const since = Math.max(seq, member.joinedAtSeq);
		const { missed, lost } = history.since(member, since, heard);
		const { epoch, key } = broadcast.key;
		member.confirmPrivate(heard);
		member.presence = { state: "behind", link, missed, epoch, pings: 0 };
		const resume = members.nextResumeToken(member);
		link.send({ type: "resumed", epoch, key, seq: broadcast.seq, lost, resume });
		// The first piece at once: the history may drop it soon, and has not counted it as lost.
		this.#step(member, missed);
	}

	/** A `pong` promises that nothing missed comes after it. */
	ping(member: Member): void {
		const { presence } = member;
		if (presence.state !== "behind") return member.send({ type: "pong" });
		if (++presence.pings > MAX_PINGS) this.#options.onCutOff(member, presence.link);
	}

	/** Call regularly. */
	tick(): void {
		const waiting = [...this.#waiting];
		this.#waiting.clear();
		for (const [member, missed] of waiting) this.#step(member, missed);
	}

	#step(member: Member, missed: Missed): void {
		const { presence } = member;
		// Otherwise the member has gone, or is back on yet another connection.
		if (presence.state !== "behind" || presence.missed !== missed) return;
		const { link } = presence;
		if (missed.isCutOff) return this.#options.onCutOff(member, link);
		const rate = this.#rateOf(member);
		if (rate.wait(this.#options.now()) > 0) return void this.#waiting.set(member, missed);
		const events = missed.next();
		if (events === null) return this.#finish(member, presence);
		const json = `{"type":"replay","events":${events}}`;
		rate.take(Buffer.byteLength(json), this.#options.now());
		link.sendJson(json);
		link.whenReady(() => this.#step(member, missed));
	}

	/** From here on the member hears the room itself. */
	#finish(member: Member, { link, epoch, pings }: Behind): void {
		const { broadcast, publish, onCaughtUp } = this.#options;
		member.presence = { state: "online", link };
		if (epoch !== broadcast.key.epoch) member.send({ type: "rekey", ...broadcast.key });
		for (let i = 0; i < pings; i++) member.send({ type: "pong" });
		member.sendOwed();
		if (member.isAway) publish({ type: "back", name: member.name });
		member.isAway = false;
		onCaughtUp();
	}

	#rateOf(member: Member): TokenBucket {
		const { history, now } = this.#options;
		const perSecond = (REPLAYS_PER_HOUR * history.maxBytes) / 3600;
		member.replayRate ??= new TokenBucket(perSecond, REPLAYS_AT_ONCE * history.maxBytes, now());
		return member.replayRate;
	}
}
