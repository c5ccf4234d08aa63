/** An element that the page's HTML has. */
export function byId<T extends HTMLElement>(id: string, type: abstract new () => T): T {
	const found = document.getElementById(id);
	if (found instanceof type) return found;
	throw new Error(`The page has no ${type.name} #${id}.`);
}

/** Makes an element. Texts go in as text alone: nothing that a peer wrote ever becomes markup. */
export function create<K extends keyof HTMLElementTagNameMap>(
	tag: K,
	className = "",
	...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
	const element = document.createElement(tag);
	if (className !== "") element.className = className;
	element.append(...children);
	return element;
}

/** A button, named by what it shows, or by a `label` where that says too little. */
export function createButton(className: string, text: string, label = ""): HTMLButtonElement {
	const button = create("button", className, text);
	button.type = "button";
	if (label !== "") button.ariaLabel = label;
	return button;
}

/** Call before an element goes away: if the keyboard is in it, it goes on at `next`, and not nowhere. */
export function moveFocus(element: Element, next: HTMLElement): void {
	if (element.contains(document.activeElement)) next.focus({ preventScroll: true });
}

/** Hides an element or shows it, as `moveFocus` says. */
export function setHidden(element: HTMLElement, isHidden: boolean, next: HTMLElement): void {
	if (isHidden) moveFocus(element, next);
	element.hidden = isHidden;
}
