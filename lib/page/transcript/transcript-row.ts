import type { Clock } from "../../client/commands/command.ts";
import type { Mentions } from "../../client/transcript/mentions.ts";
import { describeOwnerEvent, type OwnerEvent } from "../../client/transcript/owner-events.ts";
import type { TranscriptItem } from "../../client/transcript/transcript-item.ts";
import { count } from "../../client/util/count.ts";
import { colourOf } from "../../client/util/name-colour.ts";
import { sanitize, sanitizeLine } from "../../client/util/sanitize.ts";
import { create, createButton } from "../util/elements.ts";
import { linkedText } from "./linked-text.ts";
import { longText } from "./long-text.ts";

/**
 * Characters that are no higher than their line, and of which none is stacked on another. All else
 * is clipped, which costs the browser time for each row.
 */
const LOW =
	/^(?:(?!\p{M})[\p{sc=Common}\p{sc=Latin}\p{sc=Greek}\p{sc=Cyrillic}\p{sc=Han}\p{sc=Hangul}\p{sc=Hira}\p{sc=Kana}])*$/u;

/** When something happened, in milliseconds since 1970; null for what only this page says. */
export function timeOf(item: TranscriptItem): number | null {
	switch (item.kind) {
		case "said":
		case "told":
			return item.message.at;
		case "moved":
			return item.moves.at;
		case "presence":
		case "owner":
			return item.event.at;
		default:
			return null;
	}
}

/** What a row says when it is new: it was said now, and what it hides can be shown later. */
export function spokenText(row: HTMLElement): string {
	return Array.from(row.childNodes, (part) => (isSilent(part) ? "" : part.textContent))
		.join("")
		.trim();
}

const isSilent = (part: Node): boolean =>
	part instanceof HTMLElement &&
	(part instanceof HTMLTimeElement || part instanceof HTMLButtonElement || part.hidden !== false);

interface RowLook {
	/** The row before is the same person's, so that the name need not be seen again. */
	readonly isContinued: boolean;
	/** However long it is. */
	readonly isWhole: boolean;
}

/**
 * Makes rows of the transcript: a time, and beside it what happened. Of as few elements as can be:
 * thousands of them are laid out.
 */
export class RowMaker {
	readonly #mentions: Mentions;
	clock: Clock = "short";

	constructor(mentions: Mentions) {
		this.#mentions = mentions;
	}

	row(item: TranscriptItem, { isContinued, isWhole }: RowLook): HTMLElement {
		const words = isWhole ? wholeText : cutText;
		const row = create("div", `row ${item.kind}`, ...this.#content(item, words));
		const at = timeOf(item);
		if (at !== null && this.clock !== "off") {
			row.prepend(shownTime(at, this.clock));
			row.classList.add(this.clock);
		}
		if (!LOW.test(row.textContent ?? "")) row.classList.add("clipped");
		if (isContinued) row.classList.add("continued");
		if (item.kind === "said" && this.#mentions.isIn(item.message)) row.classList.add("mention");
		if (item.kind === "said" && item.message.me) row.classList.add("me");
		// A table of the program's own.
		if (item.kind === "note" && item.text.includes("\n")) row.classList.add("table");
		return row;
	}

	#content(item: TranscriptItem, words: (text: string) => Node[]): (Node | string)[] {
		switch (item.kind) {
			case "said": {
				const { from, text, me } = item.message;
				return [name(from, me ? " " : ": "), ...words(text)];
			}
			case "told": {
				const { from, to, text } = item.message;
				const mark = create("strong", "private", "PRIVATE");
				const parties = [this.#party(from), " → ", this.#party(to)];
				return [mark, " ", ...parties, ": ", ...words(text), " ", this.#reply(item)];
			}
			case "moved": {
				const { type, names, others } = item.moves;
				const rest = others > 0 ? ` and ${count(others, "other")}` : "";
				return [`${names.map(sanitizeLine).join(", ")}${rest} ${type}`];
			}
			case "presence": {
				const { type, name: who } = item.event;
				return [`${sanitizeLine(who)} ${type === "away" ? "lost the connection" : "is back"}`];
			}
			case "owner":
				return ownerAct(item.event, words);
			default:
				return words(item.text);
		}
	}

	#party(who: string): Node | string {
		return who === this.#mentions.me ? "you" : name(who);
	}

	/** To the one who has written or was written to, and nobody who has the name later. */
	#reply({ message, visit }: Extract<TranscriptItem, { kind: "told" }>): Node {
		const other = message.from === this.#mentions.me ? message.to : message.from;
		const label = `Reply to ${sanitizeLine(other)} privately`;
		const button = createButton("reply", "Reply", label);
		button.dataset.name = other;
		button.dataset.visit = visit ?? "";
		return button;
	}
}

/** The blank is for whoever copies the row. */
const shownTime = (at: number, clock: Exclude<Clock, "off">): Node =>
	create("time", "", `${new Date(at).toTimeString().slice(0, clock === "long" ? 8 : 5)} `);

function ownerAct(event: OwnerEvent, words: (text: string) => Node[]): (Node | string)[] {
	if (event.type !== "announced") return words(describeOwnerEvent(event));
	const mark = create("strong", "announcement", "ANNOUNCEMENT");
	return [mark, " by ", name(event.by), ": ", ...words(event.text)];
}

/** `end` follows the name, and is not seen either where the name is not. */
const name = (who: string, end = ""): Node =>
	create("b", `name colour-${colourOf(who)}`, `${sanitizeLine(who)}${end}`);

const cutText = (text: string): Node[] => longText(linkedText(sanitize(text)));
const wholeText = (text: string): Node[] => [create("span", "text", ...linkedText(sanitize(text)))];
