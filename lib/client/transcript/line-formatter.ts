import type { Told } from "../../wire/messages/messages.ts";
import type { Clock } from "../commands/command.ts";
import type { Incoming } from "../net/incoming.ts";
import type { Style } from "../terminal/style.ts";
import { count } from "../util/count.ts";
import { LINE_MARK, markLine } from "../util/line-mark.ts";
import { sanitize, sanitizeLine } from "../util/sanitize.ts";
import type { Mentions } from "./mentions.ts";
import type { CollapsedMoves } from "./move-collapser.ts";
import { describeOwnerEvent, type OwnerEvent } from "./owner-events.ts";
import type { TranscriptItem } from "./transcript-item.ts";

/** Begins every further line of a text, in the place of the mark of a line of its own. */
export const FURTHER_LINE = "  ┊ ";

/** Begins an owner's action. No name contains a `#`, so no member's line begins like this. */
const OWNER_MARK = "##";

/** How the parts of a line stand out. */
export type LineStyle = Pick<Style, "dim" | "bold" | "inverse" | "warning" | "name">;

/** Formats what happens as lines, each with `LINE_MARK` at its beginning and nowhere else. */
export class LineFormatter {
	readonly #style: LineStyle;
	readonly #mentions: Mentions;
	clock: Clock = "short";
	#day = "";

	constructor(style: LineStyle, mentions: Mentions) {
		this.#style = style;
		this.#mentions = mentions;
	}

	format(item: TranscriptItem): string {
		switch (item.kind) {
			case "said":
				return this.said(item.message);
			case "told":
				return this.told(item.message);
			case "moved":
				return this.moved(item.moves);
			case "presence":
				return this.presence(item.event);
			case "owner":
				return this.ownerEvent(item.event);
			case "connection":
				return item.isOnline ? this.note(item.text) : this.problem(item.text);
			case "notice":
				return this.notice(item.text);
			case "note":
				return this.note(item.text);
			case "problem":
				return this.problem(item.text);
		}
	}

	said(message: Extract<Incoming, { type: "said" }>): string {
		const mark = this.#mentions.isIn(message) ? this.#style.inverse("»") : "";
		const name = this.#style.name(sanitizeLine(message.from));
		const text = this.#text(message.text);
		const line = message.me ? `* ${name} ${text}` : `${name}: ${text}`;
		return this.#line(message.at, mark === "" ? line : `${mark} ${line}`);
	}

	/** The mark keeps readers from taking a private message for one to everybody. */
	told({ at, from, to, text }: Told): string {
		const nameOf = (name: string) =>
			name === this.#mentions.me ? "you" : this.#style.name(sanitizeLine(name));
		const mark = this.#style.inverse(" PRIVATE ");
		return this.#line(at, `${mark} ${nameOf(from)} → ${nameOf(to)}: ${this.#text(text)}`);
	}

	moved({ type, names, others, at }: CollapsedMoves): string {
		const [arrow, verb] = type === "joined" ? ["→", "joined"] : ["←", "left"];
		const shown = names.map(sanitizeLine).join(", ");
		const rest = others > 0 ? ` and ${count(others, "other")}` : "";
		return this.#line(at, this.#style.dim(`${arrow} ${shown}${rest} ${verb}`));
	}

	/** A member's connection broke, or was restored. */
	presence({ type, name, at }: Extract<Incoming, { type: "away" | "back" }>): string {
		const state = type === "away" ? "lost the connection" : "is back";
		return this.#line(at, this.#style.dim(`~ ${sanitizeLine(name)} ${state}`));
	}

	/** An action by an owner of the room; an announcement stands out. */
	ownerEvent(event: OwnerEvent): string {
		if (event.type !== "announced") {
			return this.#line(
				event.at,
				this.#style.bold(`${OWNER_MARK} ${this.#text(describeOwnerEvent(event))}`),
			);
		}
		const mark = this.#style.inverse(`${OWNER_MARK} ANNOUNCEMENT`);
		const name = this.#style.name(sanitizeLine(event.by));
		return this.#line(event.at, `${mark} by ${name}: ${this.#text(event.text)}`);
	}

	notice(text: string): string {
		return this.#marked(`${this.#style.bold(OWNER_MARK)} ${this.#text(text)}`);
	}

	note(text: string): string {
		return this.#marked(this.#style.dim(`-- ${this.#text(text)}`));
	}

	problem(text: string): string {
		return this.#marked(this.#style.warning(`!! ${this.#text(text)}`));
	}

	#text(text: string): string {
		return sanitize(text).replaceAll("\n", `\n${this.#style.dim(FURTHER_LINE)}`);
	}

	#marked(line: string): string {
		return markLine(line, this.#style.dim(LINE_MARK));
	}

	#line(at: number, line: string): string {
		const when = new Date(at);
		const day = when.toDateString();
		let change = "";
		if (this.#day !== "" && this.#day !== day) {
			change = `${this.note(when.toLocaleDateString(undefined, { dateStyle: "full" }))}\n`;
		}
		this.#day = day;
		if (this.clock === "off") return `${change}${this.#marked(line)}`;
		const digits = this.clock === "long" ? 8 : 5;
		const time = this.#style.dim(when.toTimeString().slice(0, digits));
		return `${change}${this.#marked(`${time} ${line}`)}`;
	}
}
