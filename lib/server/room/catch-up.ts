import { TokenBucket } from "../limits/rate-limiter.ts";
import type { Start } from "../room-state/history.ts";
import type { Link } from "../room-state/link.ts";
import type { Member } from "../room-state/member.ts";
import type { Behind, Missed } from "../room-state/presence.ts";
import { Replay } from "../room-state/replay.ts";
import type { RoomState } from "../room-state/room-state.ts";
import type { Broadcast } from "./broadcast.ts";

interface CatchUpOptions {
	readonly state: RoomState;
	readonly broadcast: Broadcast;
	/** Monotonic milliseconds. */
	readonly now: () => number;
	/** Called when a member has everything up to now: what it asked for can be answered. */
	readonly onCaughtUp: (member: Member) => void;
	/** Called when a member reads too slowly for what it asks, or for what the history keeps. */
	readonly onCutOff: (member: Member, link: Link) => void;
}

/** What a member that comes back has: the place of its last event, and how many private messages. */
interface Known {
	readonly seq: number;
	readonly private: number;
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
		const { state, broadcast } = this.#options;
		const { epoch } = broadcast.key;
		const missed = new Replay(state.history, member, index, { seq, heard: 0 });
		const rates = this.#ratesOf(member, seq);
		member.presence = { state: "behind", link, missed, rates, epoch, pings: 0 };
		link.sendJson(welcome);
		this.#step(member, missed);
	}

	/** Gives a member a new connection, and begins with what it has missed of the events after `seq`. */
	begin(member: Member, link: Link, resume: string, { seq, private: heard }: Known): void {
		const { state, broadcast, now } = this.#options;
		member.resumedAt = now();
		member.knowsKey = true;
		const since = Math.max(seq, member.unreadableSeq);
		const { missed, lost } = state.history.since(member, since, heard);
		const { epoch, key } = broadcast.key;
		const rates = this.#ratesOf(member, since);
		member.presence = { state: "behind", link, missed, rates, epoch, pings: 0 };
		link.send({ type: "resumed", epoch, key, seq: state.history.lastSeq, lost, resume });
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
		const { broadcast, onCaughtUp } = this.#options;
		member.presence = { state: "online", link };
		if (epoch !== broadcast.key.epoch) member.send({ type: "rekey", ...broadcast.key });
		for (let i = 0; i < pings; i++) member.send({ type: "pong" });
		member.sendOwed();
		onCaughtUp(member);
	}

	/** What a replay of the events after `seq` counts against. */
	#ratesOf(member: Member, seq: number): TokenBucket[] {
		const { state, now } = this.#options;
		const { maxBytes } = state.history;
		const perSecond = (REPLAYS_PER_HOUR * maxBytes) / 3600;
		member.replayRate ??= new TokenBucket(perSecond, REPLAYS_AT_ONCE * maxBytes, now());
		const isHistory = seq < member.joinedAtSeq;
		return isHistory ? [member.replayRate, this.#newcomersRate] : [member.replayRate];
	}
}
