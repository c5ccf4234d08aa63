import { type Reason, reason } from "../../wire/errors/reason.ts";
import type { RoomEvent } from "../../wire/messages/events.ts";
import type { Resume, Say, Tell, Told } from "../../wire/messages/messages.ts";
import type { FullCode } from "../limits/open-files.ts";
import { Absences } from "./absences.ts";
import { Broadcast } from "./broadcast.ts";
import { CatchUp } from "./catch-up.ts";
import { type ClosingReason, type Identity, type Link, Member } from "./member.ts";
import { MemberDirectory } from "./member-directory.ts";
import { Newcomers } from "./newcomers.ts";
import { type RemovalReason, Removals } from "./removals.ts";
import type { DepartureCode, RoomOptions } from "./room-options.ts";
import { VisitIds } from "./visit-ids.ts";

/** The members and the order in which things happen. Knows no sockets and runs no timers. */
export class Room {
	readonly #options: RoomOptions;
	readonly #broadcast: Broadcast;
	readonly #members = new MemberDirectory();
	/** Members who said goodbye and must still hear what happens in this turn. */
	readonly #leaving = new Set<Member>();
	/** Members who asked who is here: each gets one answer a turn, however often they ask. */
	readonly #whoRequests = new Set<Member>();
	readonly #removals: Removals;
	readonly #absences: Absences;
	readonly #catchUp: CatchUp;
	readonly #newcomers: Newcomers;
	readonly #visitIds = new VisitIds();
	#isFlushDue = false;

	constructor(options: RoomOptions) {
		this.#options = options;
		this.#broadcast = new Broadcast(options.history, options.wallNow);
		this.#removals = new Removals(options.grace);
		this.#absences = new Absences({ ...options, members: this.#members });
		this.#catchUp = new CatchUp({
			history: options.history,
			broadcast: this.#broadcast,
			members: this.#members,
			now: options.now,
			publish: (event) => this.publish(event),
			onCaughtUp: () => this.#flushSoon(),
			onCutOff: (member, link) => this.#cutOff(member, link),
		});
		this.#newcomers = new Newcomers({
			room: options,
			broadcast: this.#broadcast,
			members: this.#members,
			catchUp: this.#catchUp,
		});
	}

	get size(): number {
		return this.#members.size;
	}

	get members(): Omit<MemberDirectory, "add" | "remove"> {
		return this.#members;
	}

	/** Why the name or the account cannot join, or null. An account does not exclude itself. */
	admissionError({ name, account }: Identity): Reason<"name_taken" | FullCode> | null {
		const holder = this.#members.findLookalike(name);
		if (holder && holder.account !== account) return reason("name_taken", holder.name, name);
		if (this.size >= this.#options.maxMembers && !this.#members.findByAccount(account)) {
			return reason(this.#options.fullCode);
		}
		return null;
	}

	/** Admits somebody without an admission error; `welcome` follows at the end of this turn. */
	join(identity: Identity, link: Link): Member {
		const older = this.#members.findByAccount(identity.account);
		const replaced = older && this.#remove(older, "replaced");
		replaced?.close(reason("replaced", "logged in somewhere else"));
		const member = new Member(identity, this.#visitIds.next(), this.#options.now(), link);
		this.#members.add(member);
		this.publish({ type: "joined", name: member.name, visit: member.visit });
		this.#options.log({ event: "joined", ...member.user, ip: link.ip });
		return member;
	}

	/** Lets a member go at the end of this turn, once it has heard all that happens in it. */
	leave(member: Member): void {
		this.#leaving.add(member);
		this.#flushSoon();
	}

	/** Removes a member for good, once it has heard all that happened so far. */
	kick(member: Member, reason: RemovalReason): void {
		this.#flushAll();
		if (member.isGone) return;
		this.#removals.add(member.resumeTokens, reason, this.#options.now());
		this.#removeAndClose(member, reason);
	}

	/** Call when a connection ends; its member may come back. Ignores one that was replaced. */
	disconnect(member: Member, link: Link, code: DepartureCode): void {
		const { now, grace, log } = this.#options;
		if (member.link !== link) return;
		if (grace === 0 || member.presence.state === "joining") {
			this.#remove(member, code);
			return this.#endIfEmpty();
		}
		this.#absences.disconnected();
		member.presence = { state: "offline", since: now() };
		log({ event: "offline", ...member.user, ip: link.ip, code });
	}

	/** Why the member with this resume token was removed, or null. */
	removalReason(token: string): RemovalReason | null {
		return this.#removals.reasonFor(token, this.#options.now());
	}

	/** Gives a member a new connection, on which it first of all gets what it has missed. */
	resume(member: Member, request: Resume, link: Link): void {
		this.#flushAll();
		if (member.isGone) return link.close(reason("left"));
		const { link: older } = member;
		this.#catchUp.begin(member, request, link);
		if (older) {
			this.#options.log({ event: "offline", ...member.user, ip: older.ip, code: "replaced" });
			older.close(reason("replaced", "came back on another connection"));
		}
		this.#options.log({ event: "back", ...member.user, ip: link.ip });
	}

	/** Answers a ping, after all that the member has missed. */
	ping(member: Member, heard: number): void {
		member.confirmPrivate(heard);
		this.#catchUp.ping(member);
	}

	/** The member reads too slowly to catch up; it can come back for the rest. */
	#cutOff(member: Member, link: Link): void {
		this.disconnect(member, link, "too_slow");
		link.close(reason("too_slow"));
	}

	/** Call regularly: marks members as away, and later removes those who have not come back. */
	tick(): void {
		this.#catchUp.tick();
		const { away, expired } = this.#absences.due();
		for (const member of away) {
			member.isAway = true;
			this.publish({ type: "away", name: member.name });
			this.#options.log({ event: "away", ...member.user });
		}
		for (const member of expired) {
			this.#remove(member, "grace_expired");
			this.#endIfEmpty();
		}
	}

	/** Says a text once: ignores an id that this member has used already. */
	say(member: Member, { id, text, me }: Say): void {
		if (this.#isRepeated(member, id)) return;
		member.rememberId(id);
		const said: RoomEvent = { type: "said", from: member.name, id, text };
		this.publish(me ? { ...said, me } : said);
	}

	/** Sends a private message, in the room's order: after all that was said before. */
	tell(member: Member, { id, to, visit, text }: Tell): void {
		this.#flushAll();
		if (member.isGone || this.#isRepeated(member, id)) return;
		const reader = this.#members.findVisit(to, visit);
		if (!reader) return member.send({ type: "refused", ...this.#members.whyAbsent(to), id });
		member.rememberId(id);
		const at = this.#options.wallNow();
		const told: Told = { type: "told", id, at, from: member.name, to: reader.name, text };
		const json = JSON.stringify(told);
		this.#options.history.appendPrivate(json, member, reader);
		for (const participant of new Set([member, reader])) participant.hear(json);
	}

	/** Answers a repeated id, which an author whose echo got lost can take for the echo. */
	#isRepeated(member: Member, id: string): boolean {
		if (!member.hasUsedId(id)) return false;
		member.send({ type: "refused", ...reason("already_said"), id });
		return true;
	}

	rename(by: string, title: string): void {
		this.#newcomers.title = title;
		this.publish({ type: "titled", by, title });
	}

	/** Tells everybody at the end of this turn, in the room's order, and keeps it in the history. */
	publish(event: RoomEvent): void {
		this.#broadcast.add(event);
		this.#flushSoon();
	}

	/** Sends a member the roster at the end of this turn. */
	requestRoster(member: Member): void {
		this.#whoRequests.add(member);
		this.#flushSoon();
	}

	/**
	 * Sends what happened in this turn. If that breaks a connection, its member is disconnected only
	 * in the next turn: what we send here, and to whom, is settled first.
	 */
	flush(): void {
		this.#isFlushDue = false;
		const members = [...this.#members];
		const newcomers = members.filter(({ presence }) => presence.state === "joining");
		const readers = members.filter(({ presence }) => presence.state === "online");
		const leavers = [...this.#leaving];
		this.#leaving.clear();
		const requesters = readers.filter((member) => this.#whoRequests.delete(member));
		const roster = requesters.length > 0 ? this.#members.rosterAt(this.#options) : null;
		const visits = newcomers.length > 0 ? this.#members.visitsJson : "";
		const { sentSeq: before, seq: until } = this.#broadcast;
		this.#broadcast.send(readers, newcomers.length > 0);
		if (roster) for (const member of requesters) member.send(roster);
		this.#newcomers.welcome(newcomers, { before, until, members: visits });
		for (const member of leavers) this.#removeAndClose(member, reason("left"));
	}

	/** Sends all that has happened, and then whatever the sending has caused. */
	#flushAll(): void {
		while (this.#broadcast.isPending) this.flush();
	}

	#flushSoon(): void {
		if (this.#isFlushDue) return;
		this.#isFlushDue = true;
		this.#options.atEndOfTurn(() => this.flush());
	}

	/** Removes a member, tells it why and hangs up. */
	#removeAndClose(member: Member, reason: ClosingReason): void {
		if (member.isGone) return;
		this.#remove(member, reason.code)?.close(reason);
		this.#endIfEmpty();
	}

	#endIfEmpty(): void {
		if (this.size === 0) this.#options.onEmpty();
	}

	/** Returns the connection that the room let go of; closing it changes nothing in the room. */
	#remove(member: Member, code: DepartureCode): Link | null {
		const { presence, link, name, visit } = member;
		if (link) this.#absences.disconnected();
		member.presence = { state: "gone" };
		this.#members.remove(member);
		this.#whoRequests.delete(member);
		// A member without a welcome never had a key.
		if (presence.state !== "joining") this.#broadcast.retireKey();
		this.publish({ type: "left", name });
		for (const [author, count] of this.#options.history.unconfirmed(member))
			author.sendSurely({ type: "unconfirmed", name, visit, count });
		this.#options.log({ event: "left", ...member.user, ip: link?.ip, code });
		return link;
	}
}
