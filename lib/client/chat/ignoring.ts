import { confusableKey } from "../../util/confusables.ts";
import { reason } from "../../wire/errors/reason.ts";
import { namesakeText } from "../transcript/notices.ts";
import { IgnoreList } from "./ignore-list.ts";
import type { Preferences } from "./preferences.ts";
import type { Recipients } from "./recipients.ts";
import type { Recipient, Visits } from "./visits.ts";

interface IgnoringOptions {
	readonly visits: Visits;
	readonly recipients: Recipients;
	readonly preferences: Preferences;
	readonly note: (text: string) => void;
}

/** The members whom the user ignores, in this run and, as far as they can be recognised, in the next. */
export class Ignoring {
	readonly #options: IgnoringOptions;
	readonly #list: IgnoreList;

	constructor(options: IgnoringOptions) {
		this.#options = options;
		this.#list = new IgnoreList(options.preferences.ignored);
	}

	/** Whether the lines of the member who has the name now are hidden. */
	hides(name: string): boolean {
		return this.#list.has(this.#options.visits.find(name));
	}

	/** What `/ignore NAME` does for somebody of this name; `ownName` is the user's. Says why not, or null. */
	toggle(name: string, ownName: string): string | null {
		const { visits, recipients, note } = this.#options;
		if (confusableKey(name) === confusableKey(ownName)) {
			return "You cannot ignore yourself.";
		}
		const member = recipients.find(name) ?? visits.findLookalike(name);
		if (!member || !visits.has(member)) {
			const isTaken = member !== undefined && visits.find(name) !== undefined;
			if (isTaken || !this.#list.forget(name)) {
				return reason("no_such_member", name, isTaken).text;
			}
			note(`You no longer ignore ${name}, who has left.`);
		} else if (this.#list.toggle(member)) {
			note(`You ignore ${name} now. That ends when they leave, or with: /ignore ${name}`);
		} else note(`You no longer ignore ${name}.`);
		this.#save();
		return null;
	}

	/** What `/ignore` alone does. */
	list(): void {
		const { names, namesLeft } = this.#list;
		const texts = names.length === 0 ? ["You ignore nobody."] : [`You ignore: ${names.join(", ")}`];
		if (namesLeft.length > 0) texts.push(`Ignored, but gone: ${namesLeft.join(", ")}`);
		this.#options.note(texts.join("\n"));
	}

	/** Call at the beginning of a visit, with the members here. */
	begin(members: readonly Recipient[]): void {
		this.update(members);
		const { names } = this.#list;
		if (names.length > 0) this.#options.note(`You still ignore: ${names.join(", ")}`);
	}

	/**
	 * Call when members have come or gone. Says so when the name of an ignored member is back: we cannot
	 * know whether it is the same.
	 */
	update(arrived: readonly Recipient[]): void {
		const { visits, note } = this.#options;
		const namesakes = this.#list.update((member) => visits.has(member), arrived);
		for (const { name } of namesakes) note(namesakeText(name));
		// Said once: it is the user's turn.
		if (namesakes.length > 0) this.#save();
	}

	#save(): void {
		this.#options.preferences.saveIgnored(this.#list.members);
	}
}
