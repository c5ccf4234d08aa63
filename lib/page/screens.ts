import { isBlank } from "../util/invisible.ts";
import type { Ending } from "./endings.ts";
import { byId } from "./util/elements.ts";

const SCREENS = ["connecting", "login", "room", "over"] as const;

/** Shows one of the page's screens in the place of the others. */
export function showScreen(shown: (typeof SCREENS)[number]): void {
	for (const screen of SCREENS) byId(screen, HTMLElement).hidden = screen !== shown;
	if (shown === "connecting") byId("connecting-text", HTMLElement).textContent = "Connecting…";
	// After another login, too.
	if (shown === "room") byId("composer-text", HTMLElement).focus();
}

/** Shows why connecting takes long. */
export function showTrouble(sentence: string): void {
	const trouble = navigator.onLine ? sentence : "This device is offline.";
	byId("connecting-text", HTMLElement).textContent = `${trouble} Trying again…`;
}

/**
 * Shows why a visit is over, what was said, and what the user was typing. Resolves when they want
 * another visit.
 */
export function showOver(
	{ heading, advice, isFinal }: Ending,
	sentence: string,
	draft = "",
): Promise<void> {
	const title = byId("over-heading", HTMLElement);
	title.textContent = heading;
	byId("over-text", HTMLElement).textContent = sentence;
	byId("over-advice", HTMLElement).textContent = advice ?? "";
	byId("over-unsent", HTMLElement).hidden = isBlank(draft);
	byId("over-draft", HTMLElement).textContent = draft;
	keepTranscript();
	const button = byId("over-again", HTMLButtonElement);
	button.hidden = isFinal === true;
	document.title = "fernet-chat";
	showScreen("over");
	// Not the button: whoever was typing would press it with the next Enter.
	title.focus();
	return new Promise((resolve) => {
		button.onclick = () => resolve();
	});
}

/** Moves the rows of the room to where they can still be read. */
function keepTranscript(): void {
	const rows = byId("transcript", HTMLElement).childNodes;
	const said = byId("over-said", HTMLElement);
	said.replaceChildren(...rows);
	// So that the keyboard can scroll it.
	said.tabIndex = 0;
	const details = byId("over-transcript", HTMLDetailsElement);
	details.hidden = said.textContent === "";
	details.open = false;
	details.ontoggle = () => {
		said.scrollTop = said.scrollHeight;
	};
}
