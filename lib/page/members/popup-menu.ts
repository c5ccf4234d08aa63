import { byId, createButton } from "../util/elements.ts";

export type MenuItem = readonly [label: string, choose: () => void];

/** Pixels between the menu and the edges of the window. */
const MARGIN = 8;

/** The menu of the page: one at a time. */
export class PopupMenu {
	readonly #menu = byId("menu", HTMLElement);
	#opener: HTMLElement | undefined;
	/** A button that is being pressed while its menu is open, which that closes. */
	#closing: HTMLElement | undefined;

	constructor() {
		this.#menu.onkeydown = (event) => this.#pressed(event);
		this.#menu.ontoggle = (event) => {
			if ((event as ToggleEvent).newState === "closed") this.#closed();
		};
	}

	/** Opens it below the button that was clicked, or closes it if it was open there. */
	open(opener: HTMLElement, label: string, items: readonly MenuItem[]): void {
		const isClosing = this.#closing === opener;
		this.#closing = undefined;
		if (isClosing) return this.close();
		// The browser closes it before the click: that was a press outside of the menu.
		opener.onpointerdown = () => {
			this.#closing = this.#opener;
		};
		this.#opener?.setAttribute("aria-expanded", "false");
		this.#opener = opener;
		opener.setAttribute("aria-expanded", "true");
		this.#menu.ariaLabel = label;
		this.#menu.replaceChildren(...items.map((item) => this.#button(item)));
		this.#menu.showPopover();
		this.#place(opener.getBoundingClientRect());
		this.#focus(0);
	}

	close(): void {
		this.#menu.hidePopover();
	}

	#button([label, choose]: MenuItem): HTMLElement {
		const button = createButton("", label);
		button.role = "menuitem";
		button.tabIndex = -1;
		button.onclick = () => {
			this.close();
			choose();
		};
		return button;
	}

	#place(opener: DOMRect): void {
		const { width, height } = this.#menu.getBoundingClientRect();
		const left = Math.min(opener.left, innerWidth - width - MARGIN);
		const below = opener.bottom + height + MARGIN <= innerHeight;
		this.#menu.style.left = `${Math.max(MARGIN, left)}px`;
		this.#menu.style.top = `${Math.max(MARGIN, below ? opener.bottom : opener.top - height)}px`;
	}

	#pressed(event: KeyboardEvent): void {
		const items = [...this.#menu.children];
		const at = items.indexOf(document.activeElement ?? this.#menu);
		const moves: Record<string, number> = {
			...{ ArrowDown: at + 1, ArrowUp: at - 1 + items.length },
			...{ Home: 0, End: items.length - 1 },
		};
		if (event.key === "Tab") this.close();
		const to = moves[event.key];
		if (to === undefined) return;
		event.preventDefault();
		this.#focus(to % items.length);
	}

	#focus(index: number): void {
		const item = this.#menu.children[index];
		if (item instanceof HTMLElement) item.focus();
	}

	#closed(): void {
		this.#opener?.setAttribute("aria-expanded", "false");
		this.#opener = undefined;
	}
}
