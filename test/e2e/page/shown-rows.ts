import { expect } from "bun:test";
import type { Page } from "../../support/browser.ts";
import type { PageDocument, PageElement } from "../../support/dom.ts";

declare const document: PageDocument;
declare const getComputedStyle: (element: PageElement) => {
	readonly overflow: string;
	readonly contain: string;
};

export interface ShownRow {
	readonly text: string;
	/** In pixels from the beginning of the transcript. */
	readonly top: number;
	readonly bottom: number;
}

/** What a browser makes of the transcript: texts, elements and boxes. */
const look = () => {
	const root = document.getElementById("transcript");
	if (!root) throw new Error("there is no transcript");
	// Parts that are out of sight are not laid out otherwise.
	for (const part of root.children) part.style.contentVisibility = "visible";
	const frame = root.getBoundingClientRect();
	const rows = Array.from(root.querySelectorAll(".row"), (row) => {
		const { top, bottom, left, right } = row.getBoundingClientRect();
		const time = row.querySelector("time")?.getBoundingClientRect();
		const texts = Array.from(row.querySelectorAll(".text"), (text) => [...text.getClientRects()]);
		const words = texts.flat().filter(({ width, height }) => width > 0 && height > 0);
		return {
			text: row.textContent,
			top: top - frame.top + root.scrollTop,
			bottom: bottom - frame.top + root.scrollTop,
			isInFrame: left >= frame.left && right <= frame.right,
			// A text that has rows of its own begins beside the time, in each of them.
			isBesideTime: words.every((word) => word.left >= (time?.right ?? left)),
			// Blanks at the end of a line, and what is drawn beside a box: at the sides of the part.
			isClipped: row.parentElement && getComputedStyle(row.parentElement).contain === "content",
			isClippedIfHigh:
				getComputedStyle(row).overflow === "clip" || !/[\p{M}\u0600-\u1fff]/u.test(row.textContent),
		};
	});
	const inside = [...root.querySelectorAll("*")];
	return {
		rows,
		isAsWide: root.scrollWidth === root.clientWidth,
		tags: [...new Set(inside.map(({ tagName }) => tagName))],
		schemes: [...root.querySelectorAll("a")].map(({ protocol }) => protocol),
		ids: inside.filter(({ id }) => id !== "").length,
		styles: inside.filter((each) => each.getAttribute("style")).length - root.children.length,
		strangers: document.querySelectorAll("iframe, object, embed, base, body script, body style")
			.length,
	};
};

const TAGS = ["A", "B", "BUTTON", "DIV", "SPAN", "STRONG", "TIME"];

/** The rows of a transcript of which nothing is anywhere but in its row, and nothing is markup. */
export async function layout(page: Page): Promise<ShownRow[]> {
	const { rows, tags, schemes, ...rest } = await page.evaluate(look);
	expect(rest).toEqual({ isAsWide: true, ids: 0, styles: 0, strangers: 0 });
	expect(tags.filter((tag) => !TAGS.includes(tag))).toEqual([]);
	expect(schemes.filter((scheme) => !/^https?:$/.test(scheme))).toEqual([]);
	let end = 0;
	for (const { top, bottom, text, ...isRight } of rows) {
		const seen = { text, isRight, isBelow: top >= end - 0.5 };
		const all = { isInFrame: true, isBesideTime: true, isClipped: true, isClippedIfHigh: true };
		expect(seen).toEqual({ text, isRight: all, isBelow: true });
		end = bottom;
	}
	return rows;
}
