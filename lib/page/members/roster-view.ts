import type { Conversation } from "../../client/chat/conversation.ts";
import type { Recipient } from "../../client/chat/visits.ts";
import { span } from "../../client/transcript/roster-text.ts";
import { count } from "../../client/util/count.ts";
import { colourOf } from "../../client/util/name-colour.ts";
import { sanitizeLine } from "../../client/util/sanitize.ts";
import { byId, create, createButton, moveFocus } from "../util/elements.ts";

/** Members that are listed; of more, the rest is counted. */
const MAX_ROWS = 300;

type Room = Pick<Conversation, "visits" | "name" | "isOwner">;

interface RosterOptions {
	/** Called when the user wants to write to a member. */
	readonly write: (member: Recipient) => void;
	/** Called when an owner wants to see what they can do about a member; `button` was clicked. */
	readonly act: (member: Recipient, button: HTMLElement) => void;
}

/** A member in one visit, and its row, which stays as it is while nothing about it changes. */
interface Row {
	readonly element: HTMLElement;
	readonly person: HTMLElement;
	readonly shown: string;
	readonly isOwner: boolean;
}

/** The members here, as a list. */
export class RosterView {
	readonly #list = byId("roster", HTMLElement);
	readonly #rest = byId("roster-rest", HTMLElement);
	readonly #options: RosterOptions;
	#rows = new Map<string, Row>();

	constructor(options: RosterOptions) {
		this.#options = options;
		this.#list.replaceChildren();
	}

	/** Returns whether it lacks addresses. It does without those of a crowd, who would have to be asked for anew with each newcomer. */
	show(room: Room): boolean {
		const names = room.visits.names.toSorted();
		const members = names.slice(0, MAX_ROWS).flatMap((name) => room.visits.find(name) ?? []);
		const rows = new Map(members.map((member) => [member.visit, this.#row(member, room)]));
		this.#rows = rows;
		place(
			this.#list,
			Array.from(rows.values(), ({ element }) => element),
			byId("room-members-heading", HTMLElement),
		);
		const rest = names.length - members.length;
		this.#rest.textContent = rest > 0 ? `and ${count(rest, "other")}: /who lists them all.` : "";
		return rest === 0 && members.some(({ address }) => address === undefined);
	}

	#row(member: Recipient, { visits, name, isOwner }: Room): Row {
		const since = visits.awaySince(member);
		const away = since === undefined ? "" : `away for ${span(Date.now() - since)}`;
		const isMe = member.name === name;
		const shown = JSON.stringify([member, away, isMe, isOwner]);
		const known = this.#rows.get(member.visit);
		if (known?.shown === shown) return known;
		const person = create(
			"div",
			"person",
			create("b", `name colour-${colourOf(member.name)}`, sanitizeLine(member.name)),
			markOf(isMe, isMe ? isOwner : member.owner === true),
			...[member.address, away]
				.filter((text) => text)
				.map((text) => create("small", "", sanitizeLine(text ?? ""))),
		);
		// Its buttons stay: one of them may have the keyboard.
		const staying = known?.isOwner === isOwner ? known : undefined;
		staying?.person.replaceWith(person);
		const element = staying?.element ?? create("li", "", person);
		element.className = away === "" ? "" : "away";
		if (!staying && !isMe) element.append(this.#buttons(member, isOwner));
		return { element, person, shown, isOwner };
	}

	#buttons(member: Recipient, isOwner: boolean): Node {
		const { write, act } = this.#options;
		const shown = sanitizeLine(member.name);
		const begin = createButton("", "Write", `Write to ${shown} privately`);
		begin.onclick = () => write(member);
		const buttons = create("span", "buttons", begin);
		if (!isOwner) return buttons;
		const more = createButton("", "⋯", `What to do about ${shown}`);
		more.ariaHasPopup = "menu";
		more.onclick = () => act(member, more);
		buttons.append(more);
		return buttons;
	}
}

/** What stands behind a name. */
function markOf(isMe: boolean, isOwner: boolean): string {
	if (isMe) return isOwner ? " (you, an owner)" : " (you)";
	return isOwner ? " (an owner)" : "";
}

/**
 * Makes these the children of a list. What is there already is not moved: it may have the keyboard,
 * which goes to the heading from what is removed.
 */
function place(list: HTMLElement, wanted: readonly HTMLElement[], heading: HTMLElement): void {
	const staying = new Set<Element>(wanted);
	for (const child of [...list.children]) {
		if (staying.has(child)) continue;
		moveFocus(child, heading);
		child.remove();
	}
	let next = list.firstElementChild;
	for (const element of wanted) {
		if (element === next) next = next.nextElementSibling;
		else list.insertBefore(element, next);
	}
}
