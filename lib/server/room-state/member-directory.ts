import { confusableKey } from "../../util/confusables.ts";
import { type Reason, reason } from "../../wire/errors/reason.ts";
import type { Roster } from "../../wire/messages/messages.ts";
import { shownEmail } from "../accounts/account.ts";
import type { Visitor } from "../room-log/entry.ts";
import type { Stamp } from "../room-log/room-log.ts";
import type { RoomSettings } from "../room-log/room-settings.ts";
import type { Member } from "./member.ts";

/** The members of the room, by name, by account, by visit and by resume token. */
export class MemberDirectory implements Iterable<Member> {
	/** By confusable key: two names that look alike are one. */
	readonly #byName = new Map<string, Member>();
	/** By account, in the order they joined. */
	readonly #byAccount = new Map<string, Member>();
	readonly #byVisit = new Map<string, Member>();
	/** By the hash of the token. */
	readonly #byToken = new Map<string, Member>();

	get size(): number {
		return this.#byAccount.size;
	}

	/** In the order they joined. */
	[Symbol.iterator](): Iterator<Member> {
		return this.#byAccount.values();
	}

	/** The name and the account must be free. */
	add(member: Member): void {
		this.#byName.set(confusableKey(member.name), member);
		this.#byAccount.set(member.account, member);
		this.#byVisit.set(member.visit, member);
		for (const token of member.tokens) this.#byToken.set(token, member);
	}

	remove(member: Member): void {
		this.#byName.delete(confusableKey(member.name));
		this.#byAccount.delete(member.account);
		this.#byVisit.delete(member.visit);
		for (const token of member.tokens) this.#byToken.delete(token);
	}

	/** The member whose name looks like this one, or null. */
	findLookalike(name: string): Member | null {
		return this.#byName.get(confusableKey(name)) ?? null;
	}

	/** The member with this name in any case, or null. A name that only looks the same is another. */
	findByName(name: string): Member | null {
		const holder = this.findLookalike(name);
		return holder?.name.toLowerCase() === name.toLowerCase() ? holder : null;
	}

	findByAccount(account: string): Member | null {
		return this.#byAccount.get(account) ?? null;
	}

	/** Takes the hash of 128 random bits, so a look-up needs no comparison in constant time. */
	findByToken(hash: string): Member | null {
		return this.#byToken.get(hash) ?? null;
	}

	/** The member whose newest connection this is, or null. */
	findVisitor({ visit, generation }: Visitor): Member | null {
		const member = this.#byVisit.get(visit);
		return member?.generation === generation ? member : null;
	}

	findByVisit(visit: string): Member | null {
		return this.#byVisit.get(visit) ?? null;
	}

	/** The member in this visit, if it has this name in any case; else null. */
	findVisit(name: string, visit: string): Member | null {
		const member = this.findByName(name);
		return member?.visit === visit ? member : null;
	}

	/** Why `findVisit` has found nobody: no member has the name, or another visit has it now. */
	whyAbsent(name: string): Reason<"no_such_member"> {
		return reason("no_such_member", name, this.findByName(name) !== null);
	}

	/** What a welcome says of the members, in the order they joined: its fields, as JSON. */
	get welcomeFields(): string {
		const members = JSON.stringify(Array.from(this, ({ name, visit }) => [name, visit]));
		const away = Array.from(this).flatMap(({ visit, awaySince }) =>
			awaySince === null ? [] : [[visit, awaySince]],
		);
		return `"members":${members}${away.length > 0 ? `,"away":${JSON.stringify(away)}` : ""}`;
	}

	/**
	 * The members in the order they joined, since when, since when those who are away are, and what the
	 * others see of the address.
	 */
	rosterAt({ at, time }: Stamp, { emailVisibility, owners }: RoomSettings): Roster {
		const members = Array.from(this, ({ name, account, visit, joinedAt, awaySince }) => {
			const address = shownEmail(account, emailVisibility);
			// Counted back from now, because the wall clock may have been set meanwhile.
			const since = Math.round(at - (time - joinedAt));
			return {
				...{ name, visit, since },
				...(awaySince !== null && { away: awaySince }),
				...(address !== undefined && { address }),
				...(owners.includes(account) && { owner: true as const }),
			};
		});
		return { type: "roster", at, members };
	}

	/** The member came back with a token, and gets another: see `Member.nextToken`. */
	nextToken(member: Member, used: string, next: string): void {
		this.#changeTokens(member, () => member.nextToken(used, next));
	}

	/** The member uses its connection: see `Member.confirm`. */
	confirm(member: Member): void {
		if (member.isUnconfirmed) this.#changeTokens(member, () => member.confirm());
	}

	#changeTokens(member: Member, change: () => void): void {
		for (const token of member.tokens) this.#byToken.delete(token);
		change();
		for (const token of member.tokens) this.#byToken.set(token, member);
	}
}
