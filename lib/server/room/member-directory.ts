import { confusableKey } from "../../util/confusables.ts";
import { randomId } from "../../util/random-id.ts";
import type { Roster } from "../../wire/messages.ts";
import type { Member } from "./member.ts";

/** The members of the room, found by name, by account or by resume token. */
export class MemberDirectory implements Iterable<Member> {
	/** By name, as the eye reads it. */
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

	/** Nobody else may hold the name or the account. */
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

	/** The member of this name in any case, or null; a name that only looks the same is another. */
	findByName(name: string): Member | null {
		const holder = this.findLookalike(name);
		return holder?.name.toLowerCase() === name.toLowerCase() ? holder : null;
	}

	findByAccount(account: string): Member | null {
		return this.#byAccount.get(account) ?? null;
	}

	/** A token is 128 random bits; it is looked up, not compared. */
	findByResumeToken(token: string): Member | null {
		return this.#byToken.get(token) ?? null;
	}

	/** Who is here, since when and as whose address, in the order they joined. */
	get roster(): Roster {
		const members = Array.from(this, ({ name, since, shownEmail }) =>
			shownEmail === undefined ? { name, since } : { name, since, address: shownEmail },
		);
		return { type: "roster", members };
	}

	/** A new token. The one it was asked for with stays good, in case the answer never arrives. */
	renewResumeToken(member: Member, used?: string): string {
		const token = randomId();
		for (const old of member.resumeTokens) if (old !== used) this.#byToken.delete(old);
		member.resumeTokens = used === undefined ? [token] : [used, token];
		this.#byToken.set(token, member);
		return token;
	}

	/** The member has used what it got with its newest token, so the one before is spent. */
	confirmResumeToken(member: Member): void {
		if (member.resumeTokens.length < 2) return;
		const [used] = member.resumeTokens.splice(0, 1);
		if (used !== undefined) this.#byToken.delete(used);
	}
}
