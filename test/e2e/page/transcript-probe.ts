import { TranscriptView } from "../../../lib/page/transcript/transcript-view.ts";

// Bundled for a browser, so that a test can fill a transcript without a room.

/** A row with so many elements and characters, which need not be drawn. */
function rowOf(elements: number, characters: number): HTMLElement {
	const hidden = document.createElement("span");
	hidden.hidden = true;
	hidden.append("a".repeat(characters));
	for (let i = 0; i < elements; i++) hidden.append(document.createElement("b"));
	const row = document.createElement("div");
	row.className = "row";
	row.append("row", hidden);
	return row;
}

const drawn = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));

/**
 * Fills a transcript, scrolls up, and adds more. Resolves to how many rows there were before and
 * after, and by how many pixels a row in sight has moved.
 */
async function overfill(elements: number, characters: number) {
	const root = document.body.appendChild(document.createElement("div"));
	root.style.cssText = "height: 300px; overflow-y: auto";
	const view = new TranscriptView(root, document.createElement("button"));
	const add = async (count: number): Promise<void> => {
		const rows = Array.from({ length: count }, () => rowOf(elements, characters));
		for (const row of rows) view.add(row);
		do await drawn();
		while (rows.at(-1)?.isConnected === false);
		// The view goes to the end a frame after they are in.
		await drawn();
	};
	await add(500);
	const before = root.querySelectorAll(".row").length;
	const { promise: scrolled, resolve } = Promise.withResolvers<void>();
	root.addEventListener("scroll", () => resolve(), { once: true });
	root.scrollTop -= root.scrollHeight / 8;
	await scrolled;
	await drawn();
	const { x, y } = root.getBoundingClientRect();
	const inSight = document.elementFromPoint(x + 5, y + 150);
	const top = inSight?.getBoundingClientRect().top ?? Number.NaN;
	await add(50);
	const after = root.querySelectorAll(".row").length;
	const moved = (inSight?.getBoundingClientRect().top ?? Number.NaN) - top;
	return { before, after, moved: Math.abs(moved) };
}

/** Jumps from the top to a place near the end. Resolves to the places asked for and reached, in pixels. */
async function jump() {
	const root = document.body.appendChild(document.createElement("div"));
	root.style.cssText = "height: 300px; overflow-y: auto; overflow-anchor: none";
	const view = new TranscriptView(root, document.createElement("button"));
	for (let i = 0; i < 1000; i++) view.add(rowOf(1, 1));
	const settle = async (): Promise<void> => {
		for (let frame = 0; frame < 20; frame++) await drawn();
	};
	await settle();
	root.scrollTop = 0;
	await settle();
	const asked = root.scrollHeight - root.clientHeight - 200;
	root.scrollTop = asked;
	await settle();
	return { asked, reached: root.scrollTop };
}

/** Whether rows can be seen, or found. */
const visible = (rows: readonly HTMLElement[]): number =>
	rows.filter((row) => row.checkVisibility()).length;

/**
 * Adds more rows at once than anyone can read, while the user does something with those before.
 * Resolves to how many rows can be seen before they come, then at once, and when no more come; and
 * whether all are in their order.
 */
async function pass(doing: "nothing" | "select" | "reach a button" | "scroll up") {
	const root = document.body.appendChild(document.createElement("div"));
	root.style.cssText = "height: 300px; overflow-y: auto";
	const view = new TranscriptView(root, document.createElement("button"));
	const rows = Array.from({ length: 1100 }, (_, index) => rowOf(1, index));
	const [first, ...others] = rows;
	first?.append(document.createElement("button"));
	const calm = async (): Promise<void> => {
		do await drawn();
		while (root.querySelector(".passing"));
	};
	for (const row of rows.slice(0, 100)) view.add(row);
	view.follow();
	await calm();
	const before = visible(rows);
	if (doing === "select") getSelection()?.selectAllChildren(first ?? root);
	if (doing === "reach a button") first?.querySelector("button")?.focus({ preventScroll: true });
	// Most of them are put in before anything is drawn.
	for (const row of others.slice(99)) view.add(row);
	const atOnce = visible(rows);
	if (doing === "scroll up") {
		const { promise: scrolled, resolve } = Promise.withResolvers<void>();
		root.addEventListener("scroll", () => resolve(), { once: true });
		root.scrollTop = 0;
		await scrolled;
	} else await calm();
	const after = visible(rows);
	const isInOrder = [...root.querySelectorAll(".row")].every((row, index) => row === rows[index]);
	root.remove();
	return { before, atOnce, after, isInOrder };
}

Object.assign(globalThis, { overfill, jump, pass });
