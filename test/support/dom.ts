// As much of a page's elements as tests look at: the types of a browser are not those of the tests.

export interface Box {
	readonly top: number;
	readonly bottom: number;
	readonly left: number;
	readonly right: number;
	readonly width: number;
	readonly height: number;
}

export interface PageElement {
	readonly id: string;
	readonly tagName: string;
	readonly textContent: string;
	readonly protocol: string;
	readonly href: string;
	readonly rel: string;
	readonly referrerPolicy: string;
	readonly scrollWidth: number;
	readonly clientWidth: number;
	scrollTop: number;
	readonly parentElement: PageElement | null;
	readonly children: ArrayLike<PageElement> & Iterable<PageElement>;
	readonly style: Record<string, string>;
	getAttribute(name: string): string | null;
	getBoundingClientRect(): Box;
	getClientRects(): Iterable<Box>;
	querySelector(selector: string): PageElement | null;
	querySelectorAll(selector: string): ArrayLike<PageElement> & Iterable<PageElement>;
}

export interface PageDocument {
	readonly title: string;
	getElementById(id: string): PageElement | null;
	querySelectorAll(selector: string): ArrayLike<PageElement> & Iterable<PageElement>;
}
