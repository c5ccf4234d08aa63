import { confusableKey } from "../../util/confusables.ts";
import { ProtocolError, ReasonedError, reason } from "../../wire/errors/reason.ts";
import { MAX_MEMBERS, nameField } from "../../wire/messages/fields.ts";
import type { Welcome } from "../../wire/messages/messages.ts";
import type { Incoming } from "../net/incoming.ts";
import type { Status } from "../net/membership.ts";

/** A member in one visit: somebody else may have the name in the next. */
export interface Recipient {
	readonly name: string;
	readonly visit: string;
	/** As much of the address as the latest roster has shown; undefined before one has come. */
	readonly address?: string | undefined;
	/** An owner of the room, by the latest roster. */
	readonly owner?: true | undefined;
}

/** The field in which a request names the member that it is about. */
const NAMED_IN = new Map([
	["tell", "to"],
	["kick", "name"],
	["mute", "name"],
	["ban", "who"],
	["sign_out_member", "who"],
	["unmute", "who"],
]);

/**
 * Adds to a request about a member the visit that the user has been shown: `find` looks it up. Throws
 * ReasonedError `no_such_member`.
 */
export function addressed(request: object, find: (name: string) => Recipient | undefined): object {
	const { type, ...fields }: Record<string, unknown> = { type: "", ...request };
	const field = NAMED_IN.get(String(type));
	const name = field && fields[field];
	// An address needs no visit; what is no name either, the check of the message reports.
	if ("visit" in request || !nameField.is(name)) return request;
	const visit = find(name)?.visit;
	// Somebody who has left can be unmuted, too.
	if (visit === undefined && type !== "unmute") {
		throw new ReasonedError(reason("no_such_member", name));
	}
	return { ...request, visit };
}

/**
 * Members we keep at most. After events are lost, and until the roster comes, they may be those of a
 * full room who have left, and those of another.
 */
const MAX_KEPT = 2 * MAX_MEMBERS;

/** A member, and since when it is away, in milliseconds since 1970; undefined if it is not. */
type Present = Recipient & { readonly away?: number | undefined };

function welcomed(members: Welcome["members"], away: Welcome["away"] = []): Present[] {
	const since = new Map(away);
	return members.map(([name, visit]) => ({ name, visit, away: since.get(visit) }));
}

/** The members here, as far as the user has been shown. */
export class Visits {
	/** By lower-case name, as the server looks them up. */
	readonly #members = new Map<string, Recipient>();
	/** By the visit of a member who is away: since when, in milliseconds since 1970. */
	readonly #away = new Map<string, number>();
	#revision = 0;

	/** Throws ProtocolError if there are more than a room can hold, as `receive` does. */
	constructor({ members, away }: Pick<Welcome, "members" | "away">) {
		this.#reset(welcomed(members, away));
	}

	/** Counts changes, for whoever shows the members. */
	get revision(): number {
		return this.#revision;
	}

	/** The members as a welcome gives them. */
	get present(): Pick<Welcome, "members" | "away"> {
		const pair = ({ name, visit }: Recipient): [string, string] => [name, visit];
		return { members: Array.from(this.#members.values(), pair), away: [...this.#away] };
	}

	get names(): string[] {
		return Array.from(this.#members.values(), ({ name }) => name);
	}

	find(name: string): Recipient | undefined {
		return this.#members.get(name.toLowerCase());
	}

	/** The member whose name looks like this one: no two in the room do. */
	findLookalike(name: string): Recipient | undefined {
		const key = confusableKey(name);
		return this.#members.values().find((member) => confusableKey(member.name) === key);
	}

	/** Whether this member is here, and not another of the name. */
	has({ name, visit }: Recipient): boolean {
		return this.find(name)?.visit === visit;
	}

	/** Since when this member is away, in milliseconds since 1970; undefined if it is not. */
	awaySince({ visit }: Recipient): number | undefined {
		return this.#away.get(visit);
	}

	/** Learns from a message who comes and goes. */
	receive(message: Incoming | Status): void {
		switch (message.type) {
			case "joined":
				return this.#add(message);
			case "left":
				this.#setAway(message.name, undefined);
				return void this.#members.delete(message.name.toLowerCase());
			case "away":
				return this.#setAway(message.name, message.at);
			case "back":
				return this.#setAway(message.name, undefined);
			case "welcome":
				return this.#reset(welcomed(message.members, message.away));
			case "roster":
				return this.#reset(message.members);
		}
	}

	#setAway(name: string, since: number | undefined): void {
		const visit = this.find(name)?.visit;
		this.#revision++;
		if (visit === undefined) return;
		if (since === undefined) this.#away.delete(visit);
		else this.#away.set(visit, since);
	}

	#reset(members: readonly Present[]): void {
		this.#members.clear();
		this.#away.clear();
		for (const member of members) {
			this.#add(member);
			this.#setAway(member.name, member.away);
		}
	}

	#add({ name, visit, address, owner }: Recipient): void {
		this.#setAway(name, undefined);
		this.#members.set(name.toLowerCase(), { name, visit, address, owner });
		if (this.#members.size <= MAX_KEPT) return;
		const text = `The server names more members than the ${MAX_MEMBERS} that a room can hold.`;
		throw new ProtocolError(reason("bad_message", text));
	}
}
