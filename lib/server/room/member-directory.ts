import { confusableKey } from "../../util/confusables.ts";
import { randomId } from "../../util/random-id.ts";
import type { Roster } from "../../wire/messages.ts";
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

	/** The members in the order they joined, since when, and what the others see of the address. */
	get roster(): Roster {
		const members = Array.from(this, ({ name, since, shownEmail }) =>
			shownEmail === undefined ? { name, since } : { name, since, address: shownEmail },
		);
		return { type: "roster", members };
	}

	/** Returns a new token. The one just used stays valid, in case the answer never arrives. */
	renewResumeToken(member: Member, used?: string): string {
		const token = randomId();
		for (const old of member.resumeTokens) if (old !== used) this.#byToken.delete(old);
		member.resumeTokens = used === undefined ? [token] : [used, token];
		this.#byToken.set(token, member);
		return token;
	}

	/** The member has used the session that its newest token opened: the one before is spent. */
	confirmResumeToken(member: Member): void {
		if (member.resumeTokens.length < 2) return;
		const [used] = member.resumeTokens.splice(0, 1);
		if (used !== undefined) this.#byToken.delete(used);
	}
}
