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
