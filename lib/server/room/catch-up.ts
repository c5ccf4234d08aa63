import type { RoomEvent } from "../../wire/messages/events.ts";
import type { Resume } from "../../wire/messages/messages.ts";
import { TokenBucket } from "../limits/rate-limiter.ts";
import type { Broadcast } from "./broadcast.ts";
import type { History, Start } from "./history.ts";
import type { Behind, Link, Member, Missed } from "./member.ts";
import type { MemberDirectory } from "./member-directory.ts";
import { Replay } from "./replay.ts";

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
/**
 * Bytes of what was said before that all newcomers together get in a second, and at once. To read
 * and seal that takes a tenth of a core's time, so a flood of newcomers holds up nobody else.
 */
const NEWCOMERS_PER_SECOND = 8 * 1024 * 1024;
const NEWCOMERS_AT_ONCE = 2 * 1024 * 1024;
/** Pings of a member that is behind: the answers to all of them go out at once. */
const MAX_PINGS = 1000;

/**
 * Brings members that came back or have just joined up to date, each as fast as it reads: what a
 * member has missed is never in memory as a whole, and whoever asks for it again and again pays for
 * every byte.
 */
export class CatchUp {
	readonly #options: CatchUpOptions;
	/** Members that have used up what may be replayed to them for now. */
	readonly #waiting = new Map<Member, Missed>();
	readonly #newcomersRate: TokenBucket;

	constructor(options: CatchUpOptions) {
		this.#options = options;
		const now = options.now();
		this.#newcomersRate = new TokenBucket(NEWCOMERS_PER_SECOND, NEWCOMERS_AT_ONCE, now);
	}

	/** Sends a newcomer its welcome, which is JSON, and begins with what was said before. */
	welcome(member: Member, link: Link, { index, seq }: Start, welcome: string): void {
		const { history, broadcast } = this.#options;
		const { epoch } = broadcast.key;
		const missed = new Replay(history, member, index, { seq, heard: 0 });
		const rates = this.#ratesOf(member, seq);
		member.presence = { state: "behind", link, missed, rates, epoch, pings: 0 };
		link.sendJson(welcome);
		this.#step(member, missed);
	}

	/** Gives a member a new connection, and begins with what it has missed. */
	begin(member: Member, { seq, private: heard }: Resume, link: Link): void {
		const { history, broadcast, members, now } = this.#options;
		member.resumedAt = now();
		const since = Math.max(seq, member.unreadableSeq);
		const { missed, lost } = history.since(member, since, heard);
		const { epoch, key } = broadcast.key;
		member.confirmPrivate(heard);
		const rates = this.#ratesOf(member, since);
		member.presence = { state: "behind", link, missed, rates, epoch, pings: 0 };
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
		const { link, rates } = presence;
		if (missed.isCutOff) return this.#options.onCutOff(member, link);
		const now = this.#options.now();
		const mustWait = rates.some((rate) => rate.wait(now) > 0);
		if (mustWait) return void this.#waiting.set(member, missed);
		const events = missed.next();
		if (events === null) return this.#finish(member, presence);
		const json = `{"type":"replay","events":${events}}`;
		for (const rate of rates) rate.take(Buffer.byteLength(json), now);
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

	/** What a replay of the events after `seq` counts against. */
	#ratesOf(member: Member, seq: number): TokenBucket[] {
		const { history, now } = this.#options;
		const perSecond = (REPLAYS_PER_HOUR * history.maxBytes) / 3600;
		member.replayRate ??= new TokenBucket(perSecond, REPLAYS_AT_ONCE * history.maxBytes, now());
		const isHistory = seq < member.joinedAtSeq;
		return isHistory ? [member.replayRate, this.#newcomersRate] : [member.replayRate];
	}
}
