import { create } from "../util/elements.ts";

/** Milliseconds after which every browser has begun to read what it saves. */
const READ_TIME = 60_000;

/** Has the browser save a text under this name, or one that it makes of it. */
export function saveFile(name: string, text: string): void {
	const link = create("a");
	link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
	link.download = name;
	link.click();
	setTimeout(() => URL.revokeObjectURL(link.href), READ_TIME);
}
