import { reason } from "../../wire/errors/reason.ts";
import type { Roster } from "../../wire/messages/messages.ts";
import { memberText, rosterText } from "../transcript/roster-text.ts";
import type { Recipient } from "./visits.ts";

/** What the user wants to read in the next roster. The membership asks for it, too, unseen. */
export class RosterRequests {
	#isAllWanted = false;
	#wanted: Recipient | undefined;

	/** Asks about one member, or about all. */
	add(member?: Recipient): void {
		if (member) this.#wanted = member;
		else this.#isAllWanted = true;
	}

	/** What the roster says to that. `wallNow` is in milliseconds since 1970. */
	answer(roster: Roster, wallNow: number): string[] {
		const texts: string[] = [];
		if (this.#isAllWanted) texts.push(rosterText(roster, wallNow));
		if (this.#wanted) {
			const { name, visit } = this.#wanted;
			const member = roster.members.find((each) => each.visit === visit);
			const text = member && memberText(member, roster.at ?? wallNow);
			texts.push(text ?? reason("no_such_member", name).text);
		}
		this.#isAllWanted = false;
		this.#wanted = undefined;
		return texts;
	}
}
