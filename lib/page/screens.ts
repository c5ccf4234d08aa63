import { byId } from "./elements.ts";

const SCREENS = ["connecting", "login", "room", "over"] as const;

/** Shows one of the page's screens in the place of the others. */
export function showScreen(shown: (typeof SCREENS)[number]): void {
	for (const screen of SCREENS) byId(screen, HTMLElement).hidden = screen !== shown;
}

/** Shows why a visit is over. Resolves when the user wants another one. */
export function showOver(sentence: string): Promise<void> {
	byId("over-text", HTMLElement).textContent = sentence;
	showScreen("over");
	const button = byId("over-again", HTMLButtonElement);
	button.focus();
	return new Promise((resolve) => {
		button.addEventListener("click", () => resolve(), { once: true });
	});
}
