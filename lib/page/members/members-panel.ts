import { byId } from "../util/elements.ts";

/** The members, which a narrow page shows in front of the conversation, when asked to. */
export class MembersPanel {
	readonly #panel = byId("room-members", HTMLElement);
	readonly #button = byId("room-members-button", HTMLElement);

	constructor(signal: AbortSignal) {
		this.close();
		this.#button.onclick = () => (this.#isOpen ? this.close() : this.#open());
		byId("room-members-close", HTMLElement).onclick = () => this.#goBack();
		this.#panel.onkeydown = (event) => {
			if (event.key === "Escape" && this.#isOpen) this.#goBack();
		};
		const touched = ({ target }: Event): void => {
			const isInside = target instanceof Element && target.closest("#room-members, #menu") !== null;
			if (!isInside && target !== this.#button) this.close();
		};
		document.addEventListener("pointerdown", touched, { signal });
	}

	set count(members: number) {
		this.#button.textContent = `Members (${members})`;
		byId("room-members-heading", HTMLElement).textContent = `Members (${members})`;
	}

	close(): void {
		this.#panel.classList.remove("open");
		this.#button.ariaExpanded = "false";
	}

	get #isOpen(): boolean {
		return this.#panel.classList.contains("open");
	}

	#open(): void {
		this.#panel.classList.add("open");
		this.#button.ariaExpanded = "true";
		byId("room-members-heading", HTMLElement).focus();
	}

	/** To where the keyboard was. */
	#goBack(): void {
		this.close();
		this.#button.focus();
	}
}
