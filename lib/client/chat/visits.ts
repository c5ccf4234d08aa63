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

const welcomed = (members: Welcome["members"]): Recipient[] =>
	members.map(([name, visit]) => ({ name, visit }));

/** The members here, as far as the user has been shown. */
export class Visits {
	/** By lower-case name, as the server looks them up. */
	readonly #members = new Map<string, Recipient>();

	/** Throws ProtocolError if there are more than a room can hold, as `receive` does. */
	constructor(members: Welcome["members"]) {
		this.#reset(welcomed(members));
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

	/** Learns from a message who comes and goes. */
	receive(message: Incoming | Status): void {
		if (message.type === "joined") this.#add(message);
		if (message.type === "left") this.#members.delete(message.name.toLowerCase());
		if (message.type === "welcome") this.#reset(welcomed(message.members));
		if (message.type === "roster") this.#reset(message.members);
	}

	#reset(members: readonly Recipient[]): void {
		this.#members.clear();
		for (const member of members) this.#add(member);
	}

	#add({ name, visit, address }: Recipient): void {
		this.#members.set(name.toLowerCase(), { name, visit, address });
		if (this.#members.size <= MAX_KEPT) return;
		const text = `The server names more members than the ${MAX_MEMBERS} that a room can hold.`;
		throw new ProtocolError(reason("bad_message", text));
	}
}
