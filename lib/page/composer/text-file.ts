import { count } from "../../client/util/count.ts";
import { sanitizeLine } from "../../client/util/sanitize.ts";
import { MAX_TEXT_BYTES } from "../../wire/messages/fields.ts";

/** Control characters that no text has; tabs and ends of lines, it may. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: matches control characters
const CONTROL = /[\0-\x08\x0b\x0e-\x1f\x7f]/;

/** Thrown with a sentence about a file that is no text to send. */
export class UnusableFile extends Error {}

/** The text of a file. Throws UnusableFile. */
export async function textOf(file: File): Promise<string> {
	const name = `"${sanitizeLine(file.name)}"`;
	if (file.size > MAX_TEXT_BYTES) {
		const size = count(file.size, "byte");
		throw new UnusableFile(`${name} has ${size}, and a message ${MAX_TEXT_BYTES} at most.`);
	}
	const bytes = await file.arrayBuffer().catch(() => {
		throw new UnusableFile(`${name} cannot be read.`);
	});
	try {
		const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
		if (!CONTROL.test(text)) return text.replaceAll(/\r\n?/g, "\n");
	} catch {}
	throw new UnusableFile(`${name} is not a text file.`);
}

const hasFiles = (data: DataTransfer | null): data is DataTransfer =>
	data?.types.includes("Files") ?? false;

/**
 * Takes files that are dropped or pasted into `target`. Nothing that is dropped opens in the place of
 * the page; a field takes texts by itself.
 */
export function takeFiles(
	target: HTMLElement,
	take: (files: readonly File[]) => void,
	signal: AbortSignal,
): void {
	const isInside = ({ target: at }: Event): boolean => at instanceof Node && target.contains(at);
	const dragged = (event: DragEvent): void => {
		const { dataTransfer: data, target: at } = event;
		if (!data || (!hasFiles(data) && at instanceof HTMLTextAreaElement)) return;
		event.preventDefault();
		data.dropEffect = hasFiles(data) && isInside(event) ? "copy" : "none";
		if (event.type === "drop" && hasFiles(data) && isInside(event)) take([...data.files]);
	};
	for (const type of ["dragover", "drop"] as const) {
		window.addEventListener(type, dragged, { signal });
	}
	target.addEventListener(
		"paste",
		(event) => {
			const { clipboardData: data } = event;
			// What was copied from an office program is a text, and a picture of it.
			if (!hasFiles(data) || data.types.includes("text/plain")) return;
			event.preventDefault();
			take([...data.files]);
		},
		{ signal },
	);
}
