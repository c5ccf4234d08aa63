import type { Clocks } from "../../util/clock.ts";
import { confusableKey } from "../../util/confusables.ts";
import { randomId } from "../../util/random-id.ts";
import { type Reason, reason } from "../../wire/errors/reason.ts";
import type { Roster } from "../../wire/messages/messages.ts";
import type { Member } from "./member.ts";

/** The members of the room, by name, by account and by resume token. */
export class MemberDirectory implements Iterable<Member> {
	/** By confusable key: two names that look alike are one. */
	readonly #byName = new Map<string, Member>();
	/** By account, in the order they joined. */
	readonly #byAccount = new Map<string, Member>();
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
	}

	remove(member: Member): void {
		this.#byName.delete(confusableKey(member.name));
		this.#byAccount.delete(member.account);
		for (const token of member.resumeTokens) this.#byToken.delete(token);
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

	/** A token is 128 random bits, so a look-up is safe and needs no comparison in constant time. */
	findByResumeToken(token: string): Member | null {
		return this.#byToken.get(token) ?? null;
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

	/** The members in the order they joined, each with its visit, as JSON. */
	get visitsJson(): string {
		return JSON.stringify(Array.from(this, ({ name, visit }) => [name, visit]));
	}

	/** The members in the order they joined, since when, and what the others see of the address. */
	rosterAt(clocks: Clocks): Roster {
		const now = clocks.now();
		const at = clocks.wallNow();
		const members = Array.from(this, ({ name, visit, joinedAt, shownEmail }) => {
			// Counted back from now, because the wall clock may have been set meanwhile.
			const since = Math.round(at - (now - joinedAt));
			return shownEmail === undefined
				? { name, visit, since }
				: { name, visit, since, address: shownEmail };
		});
		return { type: "roster", at, members };
	}

	/**
	 * The token to come back with after the next break. Until the member confirms it, every resume
	 * gets the same one, and the one before stays good: an answer may be lost, and an attempt that the
	 * client has given up may arrive late.
	 */
	nextResumeToken(member: Member): string {
		const [, given] = member.resumeTokens;
		if (given !== undefined) return given;
		const token = randomId();
		member.resumeTokens.push(token);
		this.#byToken.set(token, member);
		return token;
	}

	/**
	 * The member uses its connection, on which it got the newest token and what it was owed: the token
	 * before is spent.
	 */
	confirm(member: Member): void {
		member.forgetOwed();
		if (member.resumeTokens.length < 2) return;
		const [used] = member.resumeTokens.splice(0, 1);
		if (used !== undefined) this.#byToken.delete(used);
	}
}
