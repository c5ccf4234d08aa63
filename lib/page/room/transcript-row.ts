import type { Clock } from "../../client/commands/command.ts";
import type { Mentions } from "../../client/transcript/mentions.ts";
import { describeOwnerEvent, type OwnerEvent } from "../../client/transcript/owner-events.ts";
import type { TranscriptItem } from "../../client/transcript/transcript-item.ts";
import { count } from "../../client/util/count.ts";
import { colourOf } from "../../client/util/name-colour.ts";
import { sanitize, sanitizeLine } from "../../client/util/sanitize.ts";
import { create } from "../elements.ts";
import { linkedText } from "./linked-text.ts";

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

/** Makes rows of the transcript. */
export class RowMaker {
	readonly #mentions: Mentions;
	clock: Clock = "short";

	constructor(mentions: Mentions) {
		this.#mentions = mentions;
	}

	/** `isContinued`: the row before is the same person's, so that the name need not be seen again. */
	row(item: TranscriptItem, isContinued: boolean): HTMLElement {
		const row = create(
			"div",
			`row ${item.kind}`,
			...this.#time(timeOf(item)),
			...this.#content(item),
		);
		if (isContinued) row.classList.add("continued");
		if (item.kind === "said" && this.#mentions.isIn(item.message)) row.classList.add("mention");
		if (item.kind === "said" && item.message.me) row.classList.add("me");
		return row;
	}

	#content(item: TranscriptItem): (Node | string)[] {
		switch (item.kind) {
			case "said": {
				const { from, text, me } = item.message;
				return [name(from), me ? " " : ": ", words(text)];
			}
			case "told": {
				const { from, to, text } = item.message;
				const mark = create("strong", "private", "PRIVATE");
				return [mark, " ", this.#party(from), " → ", this.#party(to), ": ", words(text)];
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
				return ownerAct(item.event);
			default:
				return [words(item.text)];
		}
	}

	#party(who: string): Node | string {
		return who === this.#mentions.me ? "you" : name(who);
	}

	#time(at: number | null): Node[] {
		if (at === null || this.clock === "off") return [];
		const when = new Date(at);
		const time = create("time", "", when.toTimeString().slice(0, this.clock === "long" ? 8 : 5));
		time.dateTime = when.toISOString();
		return [time];
	}
}

function ownerAct(event: OwnerEvent): (Node | string)[] {
	if (event.type !== "announced") return [words(describeOwnerEvent(event))];
	const mark = create("strong", "announcement", "ANNOUNCEMENT");
	return [mark, " by ", name(event.by), ": ", words(event.text)];
}

const name = (who: string): Node => create("b", `name colour-${colourOf(who)}`, sanitizeLine(who));

const words = (text: string): Node => create("span", "text", ...linkedText(sanitize(text)));
