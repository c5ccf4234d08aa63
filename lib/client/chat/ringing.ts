import type { Bell } from "../commands/command.ts";
import type { Mentions } from "../transcript/mentions.ts";
import type { TranscriptItem } from "../transcript/transcript-item.ts";
import type { Ui } from "./ui.ts";

interface RingingOptions {
	readonly bell: Bell;
	readonly mentions: Mentions;
	readonly ui: () => Pick<Ui, "ring">;
}

/** Rings for what others say, as the user has chosen. */
export class Ringing {
	bell: Bell;
	readonly #options: RingingOptions;

	constructor(options: RingingOptions) {
		this.bell = options.bell;
		this.#options = options;
	}

	/** Call once an item that has just happened is shown. */
	shown(item: TranscriptItem): void {
		const isForUs = this.#isForUs(item);
		if (isForUs === undefined) return;
		if (this.bell === "all" || (this.bell === "mention" && isForUs)) this.#options.ui().ring(item);
	}

	/** Undefined for what nobody else has said. */
	#isForUs(item: TranscriptItem): boolean | undefined {
		const { mentions } = this.#options;
		switch (item.kind) {
			case "said":
				return item.message.from === mentions.me ? undefined : mentions.isIn(item.message);
			case "told":
				return item.message.from === mentions.me ? undefined : true;
			case "owner":
				return item.event.type === "announced" && item.event.by !== mentions.me ? true : undefined;
			default:
				return undefined;
		}
	}
}
