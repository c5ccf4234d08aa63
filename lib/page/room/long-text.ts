import { create } from "../elements.ts";

/** Lines and UTF-16 units of a text that are shown at once. */
const MAX_LINES = 12;
const MAX_UNITS = 1200;

/** Shows a text, and of a long one its beginning with a button for the rest. */
export function longText(parts: readonly (Node | string)[]): Node[] {
	const [shown, rest] = cut(parts);
	const beginning = create("span", "text", ...shown);
	if (rest.length === 0) return [beginning];
	beginning.classList.add("cut");
	const end = create("span", "text", ...rest);
	end.hidden = true;
	const button = create("button", "show-all", "Show all");
	button.type = "button";
	button.onclick = () => {
		beginning.classList.remove("cut");
		end.hidden = false;
		button.remove();
	};
	return [beginning, end, button];
}

/** Never within a link: half of it would lead elsewhere. */
function cut(
	parts: readonly (Node | string)[],
): [shown: (Node | string)[], rest: (Node | string)[]] {
	let lines = MAX_LINES;
	let units = MAX_UNITS;
	for (const [index, part] of parts.entries()) {
		const text = typeof part === "string" ? part : (part.textContent ?? "");
		const end = endOf(text, lines, units);
		if (end < text.length) {
			const before = parts.slice(0, index);
			const after = parts.slice(index + 1);
			if (typeof part === "string") {
				return [
					[...before, part.slice(0, end)],
					[part.slice(end), ...after],
				];
			}
			return index === 0 ? [[part], after] : [before, [part, ...after]];
		}
		lines -= text.split("\n").length - 1;
		units -= text.length;
	}
	return [[...parts], []];
}

/** Where to cut a text: behind its last line or blank that fits, and not within a character. */
function endOf(text: string, lines: number, units: number): number {
	const fits = text.split("\n", lines).join("\n");
	if (fits.length <= units) return fits.length;
	const blank = Math.max(text.lastIndexOf(" ", units), text.lastIndexOf("\n", units)) + 1;
	if (blank > units / 2) return blank;
	return text.slice(0, units).isWellFormed() ? units : units - 1;
}
