import { shortId } from "../../util/random-id.ts";
import { reason } from "../../wire/errors/reason.ts";
import type { OwnerMessage, Say, Tell } from "../../wire/messages/messages.ts";
import type { Change, DepartureCode, Entry } from "../room-log/entry.ts";
import type { LogReader, Stamp } from "../room-log/room-log.ts";
import type { Link } from "../room-state/link.ts";
import type { Member } from "../room-state/member.ts";
import type { MemberDirectory } from "../room-state/member-directory.ts";
import { RoomState, type RoomStateJson } from "../room-state/room-state.ts";
import { Absences } from "./absences.ts";
import { Applications } from "./applications.ts";
import { Outlet } from "./outlet.ts";
import { Proposals } from "./proposals.ts";
import { Questions } from "./questions.ts";
import { refuse } from "./refusals.ts";
import type { EndReason } from "./room-controls.ts";
import { RoomMachine } from "./room-machine.ts";
import type { RoomOptions } from "./room-options.ts";

/**
 * The room, as the connections of this server see it. What they ask for goes into the log at the end
 * of the turn, and counts once it has come back from there. Knows no sockets and runs no timers.
 */
export class Room implements LogReader {
	/** Those who want to join, or to come back. */
	readonly applications: Applications;
	readonly #options: RoomOptions;
	readonly #proposals = new Proposals();
	#machine: RoomMachine;
	#outlet: Outlet;
	/** When the state was last changed, in monotonic milliseconds. */
	#changedAt: number;
	readonly #questions = new Questions();
	readonly #absences = new Absences();
	#endReason: EndReason | undefined;
	/** When the last entry was made, in monotonic milliseconds. */
	#sentAt = 0;
	#isClosing = false;
	#isFlushDue = false;

	/** Throws ChatError if the log cannot be read. */
	constructor(options: RoomOptions) {
		this.#options = options;
		this.#changedAt = options.now();
		this.applications = new Applications({
			...{ options, proposals: this.#proposals, getState: () => this.#state },
			propose: (change) => this.#propose(change),
			noticeEdits: () => this.#noticeEdits(),
		});
		({ machine: this.#machine, outlet: this.#outlet } = this.#begin(new RoomState()));
		options.roomLog.open(this);
		this.#outlet.isLive = true;
		// The servers before this one have no connections any more.
		if (options.roomLog.isAlone) {
			for (const server of this.#state.servers.living) {
				this.#proposals.add({ kind: "dead", server });
			}
		}
		this.#start();
		this.#commit();
	}

	#start(): void {
		const prefix = shortId().slice(0, PREFIX);
		this.#proposals.add({ kind: "start", settings: this.#options.settings, prefix });
	}

	/** The room's other servers have given this one up: what it had asked for never happens. */
	#startAnew(): void {
		if (this.#isClosing) return;
		for (const candidate of this.#proposals.renew()) candidate.deny(reason("busy"));
		this.#start();
		this.#flushSoon();
	}

	#begin(state: RoomState): { machine: RoomMachine; outlet: Outlet } {
		const outlet = new Outlet({
			state,
			room: this.#options,
			onEnd: (reason) => this.#end(reason),
			onDead: () => this.#startAnew(),
			onLost: (member, link, code) => this.disconnect(member, link, code),
			onCaughtUp: (member) => this.#caughtUp(member),
		});
		const parts = { state, outlet, proposals: this.#proposals, room: this.#options };
		return { outlet, machine: new RoomMachine(parts) };
	}

	restore(state: unknown): void {
		const { isLive } = this.#outlet;
		// So much has happened that nobody here can be told.
		if (isLive) this.#outlet.dropLinks();
		// The log has checked that a room of this version made it.
		({ machine: this.#machine, outlet: this.#outlet } = this.#begin(
			new RoomState(state as RoomStateJson),
		));
		this.#outlet.isLive = isLive;
		if (isLive) this.#startAnew();
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

	/** A member wants to say, tell or, as an owner, do something. */
	request(member: Member, message: Say | Tell | OwnerMessage): void {
		if (message.type !== "say" && message.type !== "tell") this.#noticeEdits();
		if (message.type === "bans") {
			this.#questions.ask(member, message);
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
		this.#questions.askForRoster(member);
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
		if (!this.#options.roomLog.isReachable) this.#sendAway();
		// What was proposed before has yet to come back.
		if (this.#proposals.entryCount > this.#state.servers.lastOf(this.#proposals.server)) return;
		this.#noticeEdits();
		for (const change of this.#absences.due(this.#state, this.#now.time)) this.#propose(change);
		const isSilent = this.#options.now() - this.#sentAt >= BEAT;
		if (isSilent && this.#state.settings.lease !== null) this.#propose({ kind: "beat" });
		if (!this.#proposals.isEmpty) this.#flushSoon();
	}

	/** The log is out of reach: members may find a server that can reach it, and else come back. */
	#sendAway(): void {
		this.applications.sendAway();
		for (const member of this.#state.members) {
			if (member.link === null) continue;
			this.disconnect(member, member.link, "moving");
			this.#outlet.release(member)?.close(reason("moving"));
		}
	}

	/** What the operator has changed by hand becomes an entry, too. */
	#noticeEdits(): void {
		const edits = this.#options.moderation.banEdits(this.#state);
		if (edits) this.#propose({ kind: "bans", ...edits });
	}

	/** The server stops: the others need not wait until it has been silent for long enough. */
	close(): void {
		this.#isClosing = true;
		const { server } = this.#proposals;
		if (this.#state.settings.lease !== null) this.#propose({ kind: "dead", server });
		this.flush();
	}

	/** Puts what was asked for into the log, and answers what needs no place there. */
	flush(): void {
		this.#isFlushDue = false;
		this.#commit();
		this.#questions.answerOwners(this.#machine);
		if (this.#endReason) this.#options.onEnd(this.#endReason);
		this.#endReason = undefined;
		this.#questions.sendRosters(this.#state, () => this.#now);
	}

	#commit(): void {
		if (this.#proposals.isEmpty) return;
		this.#sentAt = this.#options.now();
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
		const elapsed = Math.min(this.#options.now() - this.#changedAt, this.#options.roomLog.maxStep);
		// Not later than the log would say.
		return { at: Math.round(at + elapsed), time: Math.floor(time + elapsed) };
	}
}

/** Characters that tell this room's visits from those of the room before. */
const PREFIX = 3;
/** Milliseconds after which a server that has nothing to say shows that it lives. */
const BEAT = 2000;
