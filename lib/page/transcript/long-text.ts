import { create, createButton, moveFocus } from "../util/elements.ts";

/** Lines and UTF-16 units of a text that are shown at once. */
const MAX_LINES = 12;
const MAX_UNITS = 1200;

type Parts = readonly (Node | string)[];

/** Shows a text, and of a long one its beginning with a button for the rest. */
export function longText(parts: Parts): Node[] {
	const halves = cut(parts);
	if (!halves) return [create("span", "text", ...parts)];
	const beginning = create("span", "text cut", ...halves[0]);
	const end = create("span", "text", ...halves[1]);
	end.hidden = true;
	const button = createButton("show-all", "Show all");
	button.onclick = () => {
		beginning.classList.remove("cut");
		end.hidden = false;
		end.tabIndex = -1;
		moveFocus(button, end);
		button.remove();
	};
	return [beginning, end, button];
}

/** Null for a text that is short enough. No link is cut: half of it would lead elsewhere. */
function cut(parts: Parts): [beginning: Parts, end: Parts] | null {
	let lines = MAX_LINES;
	let units = MAX_UNITS;
	for (const [index, part] of parts.entries()) {
		const text = typeof part === "string" ? part : (part.textContent ?? "");
		const end = endOf(text, lines, units);
		if (end < text.length) {
			const [before, after] = [parts.slice(0, index), parts.slice(index + 1)];
			if (typeof part === "string") {
				return [
					[...before, part.slice(0, end)],
					[part.slice(end), ...after],
				];
			}
			// Where it comes first, it is clipped.
			return index === 0 ? [[part], after] : [before, [part, ...after]];
		}
		lines -= text.split("\n").length - 1;
		units -= text.length;
	}
	return null;
}

/** Where to cut a text: behind its last line or blank that fits, and not within a character. */
function endOf(text: string, lines: number, units: number): number {
	const fits = text.split("\n", lines).join("\n");
	if (fits.length <= units) return fits.length;
	const blank = Math.max(text.lastIndexOf(" ", units), text.lastIndexOf("\n", units)) + 1;
	if (blank > units / 2) return Math.min(blank, units);
	return text.slice(0, units).isWellFormed() ? units : units - 1;
}
