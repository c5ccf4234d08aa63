import { shortId } from "../../util/random-id.ts";
import { reason } from "../../wire/errors/reason.ts";
import type { OwnerMessage, Resume, Roster, Say, Tell } from "../../wire/messages/messages.ts";
import type { Change, DepartureCode, Entry } from "../room-log/entry.ts";
import type { LogReader, Stamp } from "../room-log/room-log.ts";
import type { Link } from "../room-state/link.ts";
import type { Identity, Member } from "../room-state/member.ts";
import type { MemberDirectory } from "../room-state/member-directory.ts";
import { RoomState, type RoomStateJson } from "../room-state/room-state.ts";
import { isAwayDue, isExpired } from "./absences.ts";
import { denyReturn, isAhead, placeError } from "./admission.ts";
import type { Candidate } from "./candidate.ts";
import { Outlet } from "./outlet.ts";
import { Proposals, tokenHash } from "./proposals.ts";
import { refuse } from "./refusals.ts";
import type { EndReason } from "./room-controls.ts";
import { RoomMachine } from "./room-machine.ts";
import type { RoomOptions } from "./room-options.ts";

/**
 * The room, as the connections of this server see it. What they ask for goes into the log at the end
 * of the turn, and counts once it has come back from there. Knows no sockets and runs no timers.
 */
export class Room implements LogReader {
	readonly #options: RoomOptions;
	readonly #proposals = new Proposals(shortId());
	#machine: RoomMachine;
	#outlet: Outlet;
	/** When the state was last changed, in monotonic milliseconds. */
	#changedAt: number;
	/** Members who asked who is here: each gets one answer a turn, however often they ask. */
	readonly #whoRequests = new Set<Member>();
	/** What owners asked for in this turn that changes nothing. */
	readonly #questions: [Member, OwnerMessage][] = [];
	#endReason: EndReason | undefined;
	#isFlushDue = false;

	/** Throws ChatError if the log cannot be read. */
	constructor(options: RoomOptions) {
		this.#options = options;
		this.#changedAt = options.now();
		({ machine: this.#machine, outlet: this.#outlet } = this.#begin(new RoomState()));
		options.roomLog.open(this);
		this.#outlet.isLive = true;
		// The servers before this one have no connections any more.
		if (options.roomLog.isAlone) {
			for (const server of this.#state.servers) this.#proposals.add({ kind: "dead", server });
		}
		const prefix = shortId().slice(0, PREFIX);
		this.#proposals.add({ kind: "start", settings: options.settings, prefix });
		this.#commit();
	}

	#begin(state: RoomState): { machine: RoomMachine; outlet: Outlet } {
		const outlet = new Outlet({
			state,
			room: this.#options,
			onEnd: (reason) => this.#end(reason),
			onLost: (member, link, code) => this.disconnect(member, link, code),
			onCaughtUp: (member) => this.#caughtUp(member),
		});
		const parts = { state, outlet, proposals: this.#proposals, room: this.#options };
		return { outlet, machine: new RoomMachine(parts) };
	}

	restore(state: unknown): void {
		// The log has checked that a room of this version made it.
		({ machine: this.#machine, outlet: this.#outlet } = this.#begin(
			new RoomState(state as RoomStateJson),
		));
	}

	apply(entry: Entry, stamp: Stamp): void {
		this.#changedAt = this.#options.now();
		this.#machine.apply(entry, stamp);
	}

	snapshot(): RoomStateJson {
		return this.#state.toJSON();
	}

	get #state(): RoomState {
		return this.#machine.state;
	}

	get size(): number {
		return this.#state.members.size;
	}

	get members(): Pick<MemberDirectory, "findByAccount" | "findByName" | "findVisit"> {
		return this.#state.members;
	}

	/** The room has ended, perhaps with an earlier server. */
	get hasEnded(): boolean {
		return this.#state.hasEnded;
	}

	/** Why there is no place now for somebody who may join, or null. */
	placeError(who: Pick<Identity, "name" | "account">): ReturnType<typeof placeError> {
		return placeError(this.#state, who, this.#options.fullCode);
	}

	/** Asks for a place. The candidate is admitted or denied. */
	join(identity: Identity, candidate: Candidate): void {
		this.#noticeEdits();
		// At once, so that those who cannot join put nothing into the log.
		const error = this.placeError(identity);
		if (error) return candidate.deny(error);
		const { name, account } = identity;
		const attempt = this.#proposals.register(candidate);
		this.#propose({ kind: "join", ...attempt, name, account });
	}

	/** The member with this resume token, or null. */
	findByResumeToken(token: string): Member | null {
		return this.#state.members.findByToken(tokenHash(token));
	}

	/** Asks for a member's place. The candidate is admitted, or denied if there is none. */
	resume(request: Resume, candidate: Candidate): void {
		const { token, seq, private: heard } = request;
		const hash = tokenHash(token);
		const member = this.#state.members.findByToken(hash);
		if (!member) return denyReturn(this.#state, hash, candidate);
		if (isAhead(this.#state, member, request)) return candidate.deny(reason("room_went_back"));
		const { attempt, token: nextToken } = this.#proposals.register(candidate);
		this.#propose({ kind: "resume", attempt, token: hash, nextToken, seq, private: heard });
	}

	/** A member wants to say, tell or, as an owner, do something. */
	request(member: Member, message: Say | Tell | OwnerMessage): void {
		if (message.type !== "say" && message.type !== "tell") this.#noticeEdits();
		if (message.type === "bans") {
			this.#questions.push([member, message]);
			return this.#flushSoon();
		}
		// Not spread: this is done for every message.
		const { visit, generation } = member;
		this.#propose({ kind: "request", visit, generation, message });
	}

	/** Answers a ping, after all that the member has missed. */
	ping(member: Member, heard: number): void {
		const count = Math.min(heard, member.privateCount);
		if (count > member.privateConfirmed) this.#hear(member, count);
		this.#outlet.pong(member);
	}

	/** A member uses its connection: what it was sent there has arrived. */
	confirm(member: Member): void {
		if (member.isUnconfirmed) this.#hear(member, member.privateConfirmed);
	}

	#hear(member: Member, count: number): void {
		this.#propose({ kind: "heard", ...member.visitor, private: count });
	}

	/** Sends a member the roster at the end of this turn. */
	requestRoster(member: Member): void {
		this.#whoRequests.add(member);
		this.#flushSoon();
	}

	/** Lets a member go, once it has heard all that happens in this turn. */
	leave(member: Member): void {
		this.#propose({ kind: "left", ...member.visitor, code: "left" });
	}

	/** Call when a connection ends; its member may come back. Ignores one that was replaced. */
	disconnect(member: Member, link: Link, code: DepartureCode): void {
		if (member.link !== link) return;
		// A member without a welcome has no token to come back with.
		const kind = member.presence.state === "joining" ? "left" : "lost";
		this.#propose({ kind, ...member.visitor, code });
	}

	/** Call regularly: members are marked as away, and later those who have not come back removed. */
	tick(): void {
		this.#outlet.tick();
		this.#noticeEdits();
		const { time } = this.#now;
		for (const member of this.#state.members) {
			if (isExpired(this.#state, member, time)) {
				this.#propose({ kind: "left", ...member.visitor, code: "grace_expired" });
			} else if (isAwayDue(this.#state, member, time)) {
				this.#propose({ kind: "away", ...member.visitor });
			}
		}
		if (!this.#proposals.isEmpty) this.#flushSoon();
	}

	/** What the operator has changed by hand becomes an entry, too. */
	#noticeEdits(): void {
		const edits = this.#options.moderation.banEdits(this.#state);
		if (edits) this.#propose({ kind: "bans", ...edits });
	}

	/** Puts what was asked for into the log, and answers what needs no place there. */
	flush(): void {
		this.#isFlushDue = false;
		this.#commit();
		for (const question of this.#questions.splice(0)) this.#machine.answer(...question);
		if (this.#endReason) this.#options.onEnd(this.#endReason);
		this.#endReason = undefined;
		let roster: Roster | undefined;
		for (const member of this.#whoRequests) {
			// Not before it has all that it missed.
			if (member.presence.state === "behind") continue;
			this.#whoRequests.delete(member);
			roster ??= this.#state.members.rosterAt(this.#now, this.#state.settings.emailVisibility);
			member.send(roster);
		}
	}

	#commit(): void {
		if (this.#proposals.isEmpty) return;
		const refused = this.#proposals.send((entry) => this.#options.roomLog.append(entry));
		const parts = { state: this.#state, proposals: this.#proposals, outlet: this.#outlet };
		for (const change of refused) refuse(change, parts);
	}

	/** Not before the entry that ended the room is done. */
	#end(reason: EndReason): void {
		this.#endReason ??= reason;
		this.#flushSoon();
	}

	#caughtUp(member: Member): void {
		this.#propose({ kind: "back", ...member.visitor });
		this.#flushSoon();
	}

	#propose(change: Change): void {
		this.#proposals.add(change);
		this.#flushSoon();
	}

	#flushSoon(): void {
		if (this.#isFlushDue) return;
		this.#isFlushDue = true;
		this.#options.atEndOfTurn(() => this.flush());
	}

	/** What a stamp would be by now, about. */
	get #now(): Stamp {
		const { at, time } = this.#state.stamp;
		const elapsed = this.#options.now() - this.#changedAt;
		// Not later than the log would say.
		return { at: Math.round(at + elapsed), time: Math.floor(time + elapsed) };
	}
}

/** Characters that tell this room's visits from those of the room before. */
const PREFIX = 3;
