import type { OwnerEvent } from "../../client/transcript/owner-events.ts";
import type { TranscriptItem } from "../../client/transcript/transcript-item.ts";
import { sanitize, sanitizeLine } from "../../client/util/sanitize.ts";
import { byId, setHidden } from "../util/elements.ts";

/** Characters of a message that a notification shows. */
const MAX_CHARACTERS = 200;

const NOTIFYING = "You will be notified while you look elsewhere. To choose of what: /bell";

/** Notifications of the system. The user is asked whether to allow them on a click, and never else. */
export class Notifications {
	readonly #button = byId("room-notify", HTMLElement);

	/** `note` tells the user what came of the click. */
	constructor(note: (text: string) => void) {
		this.#offer();
		this.#button.onclick = async () => {
			const answer = await Notification.requestPermission();
			this.#offer();
			if (answer === "granted") note(NOTIFYING);
			if (answer === "denied") note("This browser does not allow notifications from this page.");
		};
	}

	/** Notifies of something that others said. */
	show(item: TranscriptItem): void {
		if (!("Notification" in globalThis) || Notification.permission !== "granted") return;
		const said = partsOf(item);
		if (!said) return;
		const body = sanitize(said.text.slice(0, MAX_CHARACTERS));
		try {
			// Of several, the last one stays.
			const shown = new Notification(sanitizeLine(said.from), { body, tag: "fernet-chat" });
			shown.onclick = () => {
				window.focus();
				shown.close();
			};
		} catch {
			// Browsers on phones leave notifications to service workers, which this page does without.
		}
	}

	#offer(): void {
		const canAsk = "Notification" in globalThis && Notification.permission === "default";
		setHidden(this.#button, !canAsk, byId("composer-text", HTMLElement));
	}
}

function partsOf(item: TranscriptItem): { from: string; text: string } | null {
	switch (item.kind) {
		case "said":
			return item.message;
		case "told":
			return { from: `PRIVATE from ${item.message.from}`, text: item.message.text };
		case "owner":
			return isAnnouncement(item.event)
				? { from: `ANNOUNCEMENT by ${item.event.by}`, text: item.event.text }
				: null;
		default:
			return null;
	}
}

const isAnnouncement = (event: OwnerEvent): event is Extract<OwnerEvent, { type: "announced" }> =>
	event.type === "announced";
