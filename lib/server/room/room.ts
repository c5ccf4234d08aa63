import { skeleton } from "../../util/confusables.ts";
import { generateId } from "../../wire/key-folder.ts";
import type {
	Happening,
	Resume,
	Roster,
	Say,
	ServerMessage,
	Tell,
	Told,
	Welcome,
} from "../../wire/messages.ts";
import type { Entry } from "../log/logger.ts";
import { Broadcast, split } from "./broadcast.ts";
import type { EventLog } from "./history.ts";
import { type Identity, type Link, Member } from "./member.ts";
import { Expelled } from "./removals.ts";

export interface RoomOptions {
	readonly log: EventLog;
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
	readonly record: (entry: Entry) => void;
	/** What a newcomer is told in its welcome beside its place. */
	readonly greeting: (member: Member) => Pick<Welcome, "owner" | "title" | "motd">;
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
	readonly #curious = new Set<Member>();
	/** Whose connection broke, and may come back. */
	readonly #lost = new Set<Member>();
	readonly #expelled: Expelled;
	#flushing = false;

	constructor(options: RoomOptions) {
		this.#options = options;
		this.#broadcast = new Broadcast(options.log, options.now);
		this.#expelled = new Expelled(options.grace);
	}

	get size(): number {
		return this.#byAccount.size;
	}

	/** Members whose connection is not broken. */
	get present(): number {
		return this.#byAccount.size - this.#lost.size;
	}

	/** Why nobody of this name and account can come in, or null. An account is no obstacle to itself. */
	obstacle({ name, account }: Identity): { code: string; text: string } | null {
		const holder = this.#byName.get(skeleton(name));
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
			link?.dismiss("replaced", "this account has joined from another place");
		}
		const member = new Member(identity, this.#options.now(), link);
		this.#byName.set(skeleton(member.name), member);
		this.#byAccount.set(member.account, member);
		this.#joining.add(member);
		this.happened({ type: "joined", name: member.name });
		this.#options.record({ event: "joined", ...who(member), address: link.address });
		return member;
	}

	/** Lets a member go who has said goodbye: at the end of this turn, having heard all of it. */
	depart(member: Member): void {
		this.#leaving.add(member);
		this.#flushSoon();
	}

	/** Has a member out, once it has heard all that happened so far; nothing brings it back. */
	expel(member: Member, code: string, text: string): void {
		this.#settle();
		if (!this.#has(member)) return;
		const { link } = member;
		this.#expelled.add(member.tokens, { code, text }, this.#options.now());
		this.#leave(member, code, link);
		link?.dismiss(code, text);
	}

	/** Who is called so, in upper case or lower; null where the name only looks like somebody's. */
	named(name: string): Member | null {
		const holder = this.#byName.get(skeleton(name));
		return holder?.name.toLowerCase() === name.toLowerCase() ? holder : null;
	}

	/** The member that an account has here, or null. */
	memberOf(account: string): Member | null {
		return this.#byAccount.get(account) ?? null;
	}

	/** A member's connection is gone, and may come back; one that came back already is not. */
	lose(member: Member, link: Link, code: string): void {
		if (member.link !== link || !this.#has(member)) return;
		member.link = null;
		member.lostAt = this.#options.now();
		if (this.#options.grace === 0 || this.#joining.has(member)) {
			return this.#leave(member, code, link);
		}
		this.#lost.add(member);
		this.#offline(member, code, link);
	}

	/** Whose resume token this is, or null. A token is 128 random bits; it is looked up, not compared. */
	holderOf(token: string): Member | null {
		return this.#byToken.get(token) ?? null;
	}

	/** Why whoever had this resume token was put out, or null. */
	expulsion(token: string): { code: string; text: string } | null {
		return this.#expelled.reasonFor(token, this.#options.now());
	}

	/** Gives a member a new connection, and first of all what it has missed. */
	resume(member: Member, { token, seq, told }: Resume, link: Link): void {
		this.#settle();
		if (!this.#has(member)) return link.dismiss("left", "you have left the room");
		const older = member.link;
		member.link = link;
		if (older) this.#offline(member, "replaced", older);
		older?.dismiss("replaced", "this account has come back by another connection");
		this.#options.record({ event: "back", ...who(member), address: link.address });
		this.#lost.delete(member);
		const { log } = this.#options;
		const { missed, lost } = log.since(member, Math.max(seq, member.from), told);
		link.tell({
			type: "resumed",
			...this.#broadcast.key,
			seq: this.#broadcast.seq,
			lost,
			resume: this.#renewToken(member, token),
		});
		for (const events of split(missed)) link.tell({ type: "missed", events });
		// Gone again already, if even this was too much for the connection.
		if (!member.isAway || member.link !== link) return;
		member.isAway = false;
		this.happened({ type: "back", name: member.name });
	}

	/** The member has used what it got with its newest token, so the one before is spent. */
	confirm(member: Member): void {
		if (member.tokens.length < 2) return;
		const [used] = member.tokens.splice(0, 1);
		if (used !== undefined) this.#byToken.delete(used);
	}

	/** Call now and then: who is gone for a while is away, who is gone for longer has left. */
	tick(): void {
		const { now, grace, awayAfter } = this.#options;
		for (const member of this.#lost) {
			const gone = now() - member.lostAt;
			if (gone >= grace) this.#leave(member, "grace_over", null);
			else if (gone >= awayAfter && !member.isAway) {
				member.isAway = true;
				this.happened({ type: "away", name: member.name });
				this.#options.record({ event: "away", ...who(member) });
			}
		}
	}

	/** Says a text once: an id that this member has said already is not said again. */
	say(member: Member, { id, text, me }: Say): void {
		if (member.hasSaid(id)) return member.tell(alreadySaid(id));
		member.remember(id);
		const said: Happening = { type: "said", from: member.name, id, text };
		this.happened(me ? { ...said, me } : said);
	}

	/** Tells everybody at the end of this turn, in the room's order; it is kept for who comes back. */
	happened(happening: Happening): void {
		this.#broadcast.add(happening);
		this.#flushSoon();
	}

	/** Tells one member alone, in the room's order: after all that was said before. */
	tell(member: Member, { id, to, text }: Tell): void {
		this.#settle();
		if (!this.#has(member)) return;
		if (member.hasSaid(id)) return member.tell(alreadySaid(id));
		const reader = this.named(to);
		if (!reader) {
			const sentence = `nobody here is called ${to}`;
			return member.tell({ type: "refused", code: "no_such_member", text: sentence, id });
		}
		member.remember(id);
		const at = this.#options.now();
		const told: Told = { type: "told", id, at, from: member.name, to: reader.name, text };
		const parties = reader === member ? [member] : [member, reader];
		this.#options.log.appendTold(told, parties);
		for (const party of parties) {
			party.told++;
			party.tell(told);
		}
	}

	/** Tells a member at the end of this turn who is here and since when, in the order they came. */
	who(member: Member): void {
		this.#curious.add(member);
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
		const curious = [...this.#curious];
		this.#curious.clear();
		if (curious.length > 0) {
			const roster = rosterOf(members);
			for (const member of curious) member.tell(roster);
		}
		const names = members.map(({ name }) => name);
		for (const member of newcomers) this.#welcome(member, seq, names);
		for (const member of leavers) {
			const { link } = member;
			// To be hung up on now is no break.
			member.link = null;
			link?.dismiss("left", "you have left the room");
			this.#leave(member, "left", link);
		}
	}

	/** Tells all that has happened, and what the telling has brought about. */
	#settle(): void {
		while (this.#broadcast.isPending) this.flush();
	}

	#has(member: Member): boolean {
		return this.#byAccount.get(member.account) === member;
	}

	#welcome(member: Member, seq: number, members: string[]): void {
		member.from = seq;
		member.tell({
			type: "welcome",
			name: member.name,
			...this.#broadcast.key,
			seq,
			members,
			resume: this.#renewToken(member),
			grace: this.#options.grace,
			...this.#options.greeting(member),
		});
	}

	/** A new token. The one it was asked for with stays good, in case the answer never arrives. */
	#renewToken(member: Member, used?: string): string {
		const token = generateId();
		for (const old of member.tokens) if (old !== used) this.#byToken.delete(old);
		member.tokens = used === undefined ? [token] : [used, token];
		this.#byToken.set(token, member);
		return token;
	}

	#offline(member: Member, code: string, { address }: Link): void {
		this.#options.record({ event: "offline", ...who(member), address, code });
	}

	/** `code` says why, and `link` from where, if the member was still there. */
	#leave(member: Member, code: string, link: Link | null): void {
		if (!this.#has(member)) return;
		this.#remove(member, code, link);
		if (this.#byAccount.size === 0) this.#options.onEmpty();
	}

	#remove(member: Member, code: string, link: Link | null): void {
		this.#byName.delete(skeleton(member.name));
		this.#byAccount.delete(member.account);
		for (const token of member.tokens) this.#byToken.delete(token);
		this.#lost.delete(member);
		// One that was not welcomed yet never had a key.
		if (!this.#joining.delete(member)) this.#broadcast.retireKey();
		this.happened({ type: "left", name: member.name });
		this.#options.record({ event: "left", ...who(member), address: link?.address, code });
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
		members: members.map(({ name, since, address }) =>
			address === undefined ? { name, since } : { name, since, address },
		),
	};
}
