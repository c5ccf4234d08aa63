import { reason } from "../../wire/errors/reason.ts";
import type { RoomEvent } from "../../wire/messages/events.ts";
import type { OwnerMessage } from "../../wire/messages/messages.ts";
import type { LogEntry } from "../log/logger.ts";
import { runIsolated } from "../log/run-isolated.ts";
import type { Change, ChangeOf, DepartureCode, Entry, Visitor } from "../room-log/entry.ts";
import type { Stamp } from "../room-log/room-log.ts";
import { settingsConflict } from "../room-log/room-settings.ts";
import type { ClosingReason, Link } from "../room-state/link.ts";
import type { Member } from "../room-state/member.ts";
import type { RemovalReason } from "../room-state/removals.ts";
import type { RoomState } from "../room-state/room-state.ts";
import { isAwayDue, isExpired } from "./absences.ts";
import { denyReturn, isAhead, isBanned, placeError } from "./admission.ts";
import type { Outlet } from "./outlet.ts";
import type { Proposals } from "./proposals.ts";
import type { EndReason, RoomControls } from "./room-controls.ts";
import type { RoomOptions } from "./room-options.ts";
import { carryOut } from "./talking.ts";

interface MachineOptions {
	readonly state: RoomState;
	readonly outlet: Outlet;
	readonly proposals: Proposals;
	readonly room: RoomOptions;
}

/**
 * Applies entries to the state, the same in every server, and hands what follows to the outlet. It
 * asks no clock, and nothing is left to chance: all that decides is in the entries.
 */
export class RoomMachine implements RoomControls {
	readonly state: RoomState;
	readonly #outlet: Outlet;
	readonly #proposals: Proposals;
	readonly #options: RoomOptions;
	/** Those who have joined, and those who said goodbye, since the last `settle`. */
	#newcomers: Member[] = [];
	readonly #leaving = new Set<Member>();
	/** The server of the entry that is being applied. */
	#origin = "";

	constructor(parts: MachineOptions) {
		({ state: this.state, outlet: this.#outlet } = parts);
		({ proposals: this.#proposals, room: this.#options } = parts);
	}

	get isLive(): boolean {
		return this.#outlet.isLive;
	}

	apply(entry: Entry, stamp: Stamp): void {
		if (!this.state.accept(entry, stamp)) return;
		this.#origin = entry.server;
		for (const change of entry.changes) this.#isolate(() => this.#apply(change));
		this.#isolate(() => this.settle());
	}

	/** A bug must not end the room now, nor whenever a server reads the entry again. */
	#isolate(action: () => void): void {
		runIsolated("The room", this.#options.log, action);
	}

	#apply(change: Change): void {
		switch (change.kind) {
			case "beat":
				return;
			case "start":
				return this.#start(change);
			case "dead":
				return this.#declareDead(change.server);
			case "join":
				return this.#join(change);
			case "resume":
				return this.#resume(change);
			case "bans":
				return this.state.editBans(change);
			default:
				return this.#applyTo(this.state.members.findVisitor(change), change);
		}
	}

	#start(change: ChangeOf<"start">): void {
		const { onStart, onFailure } = this.#options;
		const isTaken = this.state.start(change, this.#origin);
		if (!isTaken) this.state.declareDead(this.#origin);
		if (!this.#isOurs) return;
		if (isTaken) onStart();
		else onFailure(settingsConflict(this.state.settings, change.settings));
	}

	#declareDead(server: string): void {
		if (server !== this.#origin && !this.state.isDead(server)) return;
		this.state.declareDead(server);
		if (server === this.#proposals.server) this.#outlet.startAnew();
	}

	/** A change by a member, or about one: not if it has another connection by now. */
	#applyTo(member: Member | null, change: Change & Visitor): void {
		if (!member) return;
		// Any server may see that somebody has not come back.
		const isProposal = change.kind === "away" || change.kind === "left";
		if (!isProposal && member.server !== this.#origin) return;
		switch (change.kind) {
			case "request":
				this.state.members.confirm(member);
				return carryOut(this, this.#options.moderation, member, change.message);
			case "heard":
				this.state.members.confirm(member);
				return member.confirmPrivate(change.private);
			case "lost":
				return this.#lose(member, change.code);
			case "away":
				if (isAwayDue(this.state, member)) this.#setAway(member, true);
				return;
			case "back":
				return this.#catchUp(member);
			case "left":
				return this.#depart(member, change.code);
		}
	}

	/** Answers what an owner asks for and changes nothing. */
	answer(member: Member, message: OwnerMessage): void {
		this.#origin = this.#proposals.server;
		// An answer may be long, and one that is not read ends the connection.
		if (member.link?.isGone === false) this.#options.moderation.handle(this, member, message);
	}

	#join(change: ChangeOf<"join">): void {
		const waiting = this.#proposals.take(change.attempt, this.#origin);
		const error = isBanned(this.state, change.account)
			? reason("banned")
			: placeError(this.state, change, this.#options.fullCode);
		if (error) return waiting?.candidate.deny(error);
		const older = this.state.members.findByAccount(change.account);
		const replaced = older && this.#remove(older, "replaced");
		replaced?.close(reason("replaced", "logged in somewhere else"));
		const member = this.state.createMember(change, this.#origin);
		this.#newcomers.push(member);
		this.publish({ type: "joined", name: member.name, visit: member.visit });
		if (waiting) this.#outlet.admit(member, waiting);
	}

	#resume(change: ChangeOf<"resume">): void {
		this.settle();
		const waiting = this.#proposals.take(change.attempt, this.#origin);
		const member = this.state.members.findByToken(change.token);
		if (!member) return waiting && denyReturn(this.state, change.token, waiting.candidate);
		if (isAhead(this.state, member, change)) {
			return waiting?.candidate.deny(reason("room_went_back"));
		}
		const older = this.#outlet.release(member);
		this.state.reconnect(member, this.#origin, change);
		if (older) {
			this.#options.log({ event: "offline", ...member.user, ip: older.ip, code: "replaced" });
			older.close(reason("replaced", "came back on another connection"));
		}
		if (waiting) this.#outlet.resume(member, waiting, change);
	}

	#lose(member: Member, code: DepartureCode): void {
		if (this.state.settings.grace === 0) return this.#removeAndEnd(member, code);
		const link = this.#outlet.release(member);
		this.state.disconnect(member);
		if (link) this.#options.log({ event: "offline", ...member.user, ip: link.ip, code });
	}

	#catchUp(member: Member): void {
		if (member.offlineSince !== null) return;
		member.isCaughtUp = true;
		if (member.awaySince !== null) this.#setAway(member, false);
	}

	#setAway(member: Member, isAway: boolean): void {
		member.awaySince = isAway ? this.state.stamp.at : null;
		this.publish({ type: isAway ? "away" : "back", name: member.name });
		if (isAway) this.#logAbout(member, { event: "away", ...member.user });
	}

	#depart(member: Member, code: DepartureCode): void {
		if (code === "left") this.#leaving.add(member);
		else if (code !== "grace_expired" || isExpired(this.state, member)) {
			this.#removeAndEnd(member, code);
		}
	}

	/** Removes a member for good, once it has heard all that happened so far. */
	kick(member: Member, reason: RemovalReason): void {
		this.settle();
		if (member.isGone) return;
		this.state.removals.add(member.tokens, reason, this.state.stamp.time);
		this.#removeAndEnd(member, reason.code, reason);
	}

	/** Tells everybody when the entry is done, in the room's order, and keeps it in the history. */
	publish(event: RoomEvent): void {
		this.state.timeline.add(event);
	}

	/** Sends all that has happened up to now, and then whatever the sending has caused. */
	settle(): void {
		const { timeline, history, stamp } = this.state;
		while (timeline.isPending || this.#leaving.size > 0) {
			const newcomers = this.#newcomers.filter(({ isGone }) => !isGone);
			this.#newcomers = [];
			const leaving = [...this.#leaving];
			this.#leaving.clear();
			const { lastSeq } = history;
			const batches = timeline.takeBatches(stamp.at, newcomers.length > 0);
			this.#outlet.send(batches, newcomers, lastSeq);
			for (const member of leaving) {
				if (!member.isGone) this.#removeAndEnd(member, "left", reason("left"));
			}
		}
	}

	/** Removes a member, tells it why and hangs up, if there is something to tell. */
	#removeAndEnd(member: Member, code: DepartureCode, why?: ClosingReason): void {
		const link = this.#remove(member, code);
		if (why) link?.close(why);
		if (this.state.isEmpty && !this.state.settings.stay) this.end(reason("room_ended"));
	}

	/** Returns the connection that the room let go of. */
	#remove(member: Member, code: DepartureCode): Link | null {
		const { name, visit } = member;
		const link = this.#outlet.release(member);
		const unconfirmed = this.state.remove(member);
		if (member.knowsKey) this.#outlet.exclude();
		this.publish({ type: "left", name });
		for (const [author, count] of unconfirmed)
			author.sendSurely({ type: "unconfirmed", name, visit, count });
		this.#logAbout(member, { event: "left", ...member.user, ip: link?.ip, code });
		return link;
	}

	/** The room ends for everybody. */
	end(reason: EndReason): void {
		if (this.state.hasEnded) return;
		this.state.hasEnded = true;
		this.#outlet.end(reason);
	}

	/** Writes to the operator's log what this server has to do with. */
	log(entry: LogEntry): void {
		if (this.#isOurs) this.#options.log(entry);
	}

	/** A member without a connection may be removed by any server, but its own has it in its log. */
	#logAbout({ server }: Member, entry: LogEntry): void {
		const isServed = this.state.servers.living.includes(server);
		if (isServed ? server === this.#proposals.server : this.#isOurs) this.#options.log(entry);
	}

	get #isOurs(): boolean {
		return this.#origin === this.#proposals.server;
	}
}
