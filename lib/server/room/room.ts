import { confusableKey } from "../../util/confusables.ts";
import { randomId } from "../../wire/key-folder.ts";
import type {
	Resume,
	RoomEvent,
	Roster,
	Say,
	ServerMessage,
	Tell,
	Told,
} from "../../wire/messages.ts";
import type { LogEntry } from "../log/logger.ts";
import { Broadcast, splitIntoBatches } from "./broadcast.ts";
import type { History } from "./history.ts";
import { type Identity, type Link, Member } from "./member.ts";
import { Removals } from "./removals.ts";

export interface RoomOptions {
	readonly history: History;
	readonly maxMembers: number;
	/** Milliseconds a member whose connection broke may take to come back. */
	readonly grace: number;
	/** Milliseconds after which the others are told that somebody is away. */
	readonly awayAfter: number;
	/** Milliseconds since 1970. */
	readonly now: () => number;
	/** Has `flush` called once, when what this turn of the event loop brings has been heard. */
	readonly atEndOfTurn: (flush: () => void) => void;
	/** For the owner: who comes and goes. */
	readonly log: (entry: LogEntry) => void;
	/** Canonical accounts of those who own the room. */
	readonly owners: ReadonlySet<string>;
	readonly title: string | undefined;
	readonly motd: string | undefined;
	/** The last member has left. */
	readonly onEmpty: () => void;
}

/** Who is in the room and in what order things happen. Knows no sockets and has no clock. */
export class Room {
	readonly #options: RoomOptions;
	readonly #broadcast: Broadcast;
	/** By name, as the eye reads it. Who is still joining holds a name but hears nothing yet. */
	readonly #byName = new Map<string, Member>();
	/** By account, in the order they came. */
	readonly #byAccount = new Map<string, Member>();
	readonly #byToken = new Map<string, Member>();
	readonly #joining = new Set<Member>();
	/** Said goodbye, and still to hear what this turn brings. */
	readonly #leaving = new Set<Member>();
	/** Asked who is here: one answer a turn, however often somebody asks. */
	readonly #whoRequests = new Set<Member>();
	/** Whose connection broke, and may come back. */
	readonly #disconnected = new Set<Member>();
	readonly #removals: Removals;
	#title: string | undefined;
	#flushing = false;

	constructor(options: RoomOptions) {
		this.#options = options;
		this.#title = options.title;
		this.#broadcast = new Broadcast(options.history, options.now);
		this.#removals = new Removals(options.grace);
	}

	get size(): number {
		return this.#byAccount.size;
	}

	/** Members whose connection is not broken. */
	get present(): number {
		return this.#byAccount.size - this.#disconnected.size;
	}

	/** Why nobody of this name and account can come in, or null. An account is no obstacle to itself. */
	admissionError({ name, account }: Identity): { code: string; text: string } | null {
		const holder = this.#byName.get(confusableKey(name));
		if (holder && holder.account !== account) {
			return {
				code: "name_taken",
				text: `the name ${holder.name} is taken, and ${name} looks like it; choose another`,
			};
		}
		if (this.#byAccount.size >= this.#options.maxMembers && !this.#byAccount.has(account)) {
			return { code: "room_full", text: "the room is full; try again when somebody has left" };
		}
		return null;
	}

	/** Lets somebody in who has no obstacle; `welcome` comes at the end of this turn. */
	join(identity: Identity, link: Link): Member {
		const older = this.#byAccount.get(identity.account);
		if (older) {
			const { link } = older;
			this.#remove(older, "replaced", link);
			link?.close("replaced", "this account has joined from another place");
		}
		const member = new Member(identity, this.#options.now(), link);
		this.#byName.set(confusableKey(member.name), member);
		this.#byAccount.set(member.account, member);
		this.#joining.add(member);
		this.publish({ type: "joined", name: member.name });
		this.#options.log({ event: "joined", ...who(member), ip: link.ip });
		return member;
	}

	/** Lets a member go who has said goodbye: at the end of this turn, having heard all of it. */
	leave(member: Member): void {
		this.#leaving.add(member);
		this.#flushSoon();
	}

	/** Has a member out, once it has heard all that happened so far; nothing brings it back. */
	kick(member: Member, code: string, text: string): void {
		this.#flushAll();
		if (!this.#has(member)) return;
		const { link } = member;
		this.#removals.add(member.resumeTokens, { code, text }, this.#options.now());
		this.#leave(member, code, link);
		link?.close(code, text);
	}

	/** Who is called so, in upper case or lower; null where the name only looks like somebody's. */
	findByName(name: string): Member | null {
		const holder = this.#byName.get(confusableKey(name));
		return holder?.name.toLowerCase() === name.toLowerCase() ? holder : null;
	}

	/** The member that an account has here, or null. */
	findByAccount(account: string): Member | null {
		return this.#byAccount.get(account) ?? null;
	}

	/** A member's connection is gone, and may come back; one that came back already is not. */
	disconnect(member: Member, link: Link, code: string): void {
		if (member.link !== link || !this.#has(member)) return;
		member.link = null;
		member.disconnectedAt = this.#options.now();
		if (this.#options.grace === 0 || this.#joining.has(member)) {
			return this.#leave(member, code, link);
		}
		this.#disconnected.add(member);
		this.#logOffline(member, code, link);
	}

	/** Whose resume token this is, or null. A token is 128 random bits; it is looked up, not compared. */
	findByResumeToken(token: string): Member | null {
		return this.#byToken.get(token) ?? null;
	}

	/** Why whoever had this resume token was put out, or null. */
	removalReason(token: string): { code: string; text: string } | null {
		return this.#removals.reasonFor(token, this.#options.now());
	}

	/** Gives a member a new connection, and first of all what it has missed. */
	resume(member: Member, { token, seq, told }: Resume, link: Link): void {
		this.#flushAll();
		if (!this.#has(member)) return link.close("left", "you have left the room");
		const older = member.link;
		member.link = link;
		if (older) this.#logOffline(member, "replaced", older);
		older?.close("replaced", "this account has come back by another connection");
		this.#options.log({ event: "back", ...who(member), ip: link.ip });
		this.#disconnected.delete(member);
		const { history } = this.#options;
		const { missed, lost } = history.missedSince(member, Math.max(seq, member.joinedAtSeq), told);
		link.send({
			type: "resumed",
			...this.#broadcast.key,
			seq: this.#broadcast.seq,
			lost,
			resume: this.#renewToken(member, token),
		});
		for (const events of splitIntoBatches(missed)) link.send({ type: "missed", events });
		// Gone again already, if even this was too much for the connection.
		if (!member.isAway || member.link !== link) return;
		member.isAway = false;
		this.publish({ type: "back", name: member.name });
	}

	/** The member has used what it got with its newest token, so the one before is spent. */
	confirmResumeToken(member: Member): void {
		if (member.resumeTokens.length < 2) return;
		const [used] = member.resumeTokens.splice(0, 1);
		if (used !== undefined) this.#byToken.delete(used);
	}

	/** Call now and then: who is gone for a while is away, who is gone for longer has left. */
	tick(): void {
		const { now, grace, awayAfter } = this.#options;
		for (const member of this.#disconnected) {
			const gone = now() - member.disconnectedAt;
			if (gone >= grace) this.#leave(member, "grace_over", null);
			else if (gone >= awayAfter && !member.isAway) {
				member.isAway = true;
				this.publish({ type: "away", name: member.name });
				this.#options.log({ event: "away", ...who(member) });
			}
		}
	}

	/** Says a text once: an id that this member has said already is not said again. */
	say(member: Member, { id, text, me }: Say): void {
		if (member.hasUsedId(id)) return member.send(alreadySaid(id));
		member.rememberId(id);
		const said: RoomEvent = { type: "said", from: member.name, id, text };
		this.publish(me ? { ...said, me } : said);
	}

	rename(by: string, title: string): void {
		this.#title = title;
		this.publish({ type: "titled", by, title });
	}

	/** Tells everybody at the end of this turn, in the room's order; it is kept for who comes back. */
	publish(event: RoomEvent): void {
		this.#broadcast.add(event);
		this.#flushSoon();
	}

	/** Tells one member alone, in the room's order: after all that was said before. */
	tell(member: Member, { id, to, text }: Tell): void {
		this.#flushAll();
		if (!this.#has(member)) return;
		if (member.hasUsedId(id)) return member.send(alreadySaid(id));
		const reader = this.findByName(to);
		if (!reader) {
			const sentence = `nobody here is called ${to}`;
			return member.send({ type: "refused", code: "no_such_member", text: sentence, id });
		}
		member.rememberId(id);
		const at = this.#options.now();
		const told: Told = { type: "told", id, at, from: member.name, to: reader.name, text };
		const participants = reader === member ? [member] : [member, reader];
		this.#options.history.appendPrivate(told, participants);
		for (const participant of participants) {
			participant.privateCount++;
			participant.send(told);
		}
	}

	/** Tells a member at the end of this turn who is here and since when, in the order they came. */
	requestRoster(member: Member): void {
		this.#whoRequests.add(member);
		this.#flushSoon();
	}

	/**
	 * Tells what happened in this turn. Whoever's connection breaks while it is told is lost in the
	 * next turn: what is told here, and to whom, is settled first.
	 */
	flush(): void {
		this.#flushing = false;
		const members = [...this.#byAccount.values()];
		const readers = members.filter((member) => !this.#joining.has(member));
		const newcomers = [...this.#joining];
		this.#joining.clear();
		const leavers = [...this.#leaving];
		this.#leaving.clear();
		const { seq } = this.#broadcast;
		this.#broadcast.send(readers, newcomers.length > 0);
		const requesters = [...this.#whoRequests];
		this.#whoRequests.clear();
		if (requesters.length > 0) {
			const roster = rosterOf(members);
			for (const member of requesters) member.send(roster);
		}
		const names = members.map(({ name }) => name);
		for (const member of newcomers) this.#welcome(member, seq, names);
		for (const member of leavers) {
			const { link } = member;
			// To be hung up on now is no break.
			member.link = null;
			link?.close("left", "you have left the room");
			this.#leave(member, "left", link);
		}
	}

	/** Tells all that has happened, and what the telling has brought about. */
	#flushAll(): void {
		while (this.#broadcast.isPending) this.flush();
	}

	#has(member: Member): boolean {
		return this.#byAccount.get(member.account) === member;
	}

	#welcome(member: Member, seq: number, members: string[]): void {
		const { owners, motd } = this.#options;
		member.joinedAtSeq = seq;
		member.send({
			type: "welcome",
			name: member.name,
			...this.#broadcast.key,
			seq,
			members,
			resume: this.#renewToken(member),
			grace: this.#options.grace,
			owner: owners.has(member.account) ? true : undefined,
			title: this.#title,
			motd,
		});
	}

	/** A new token. The one it was asked for with stays good, in case the answer never arrives. */
	#renewToken(member: Member, used?: string): string {
		const token = randomId();
		for (const old of member.resumeTokens) if (old !== used) this.#byToken.delete(old);
		member.resumeTokens = used === undefined ? [token] : [used, token];
		this.#byToken.set(token, member);
		return token;
	}

	#logOffline(member: Member, code: string, { ip }: Link): void {
		this.#options.log({ event: "offline", ...who(member), ip, code });
	}

	/** `code` says why, and `link` from where, if the member was still there. */
	#leave(member: Member, code: string, link: Link | null): void {
		if (!this.#has(member)) return;
		this.#remove(member, code, link);
		if (this.#byAccount.size === 0) this.#options.onEmpty();
	}

	#remove(member: Member, code: string, link: Link | null): void {
		this.#byName.delete(confusableKey(member.name));
		this.#byAccount.delete(member.account);
		for (const token of member.resumeTokens) this.#byToken.delete(token);
		this.#disconnected.delete(member);
		// One that was not welcomed yet never had a key.
		if (!this.#joining.delete(member)) this.#broadcast.retireKey();
		this.publish({ type: "left", name: member.name });
		this.#options.log({ event: "left", ...who(member), ip: link?.ip, code });
	}

	#flushSoon(): void {
		if (this.#flushing) return;
		this.#flushing = true;
		this.#options.atEndOfTurn(() => this.flush());
	}
}

const who = ({ name, account }: Member) => ({ name, account });

/** As good as an echo, for an author whose echo got lost: the message is in the room. */
const alreadySaid = (id: string): ServerMessage => ({
	type: "refused",
	code: "already_said",
	text: "that was said already, under this id",
	id,
});

function rosterOf(members: Member[]): Roster {
	return {
		type: "roster",
		members: members.map(({ name, since, shownEmail }) =>
			shownEmail === undefined ? { name, since } : { name, since, address: shownEmail },
		),
	};
}
