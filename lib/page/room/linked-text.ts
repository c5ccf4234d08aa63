import { create } from "../elements.ts";

/** An address as people write it in a text; what ends a sentence or a bracket does not belong to it. */
const LINK = /\bhttps?:\/\/[^\s<>"]+/giu;
const TRAILING = /[.,:;!?'")\]}»”’]+$/u;

/** A sanitized text, in which web addresses can be followed. They learn nothing of this page. */
export function linkedText(text: string): (Node | string)[] {
	const parts: (Node | string)[] = [];
	let end = 0;
	for (const { 0: found, index } of text.matchAll(LINK)) {
		const shown = found.replace(TRAILING, "");
		const link = linkTo(shown);
		if (!link) continue;
		parts.push(text.slice(end, index), link);
		end = index + shown.length;
	}
	parts.push(text.slice(end));
	return parts;
}

function linkTo(shown: string): Node | null {
	const url = URL.parse(shown);
	if (url?.protocol !== "https:" && url?.protocol !== "http:") return null;
	const link = create("a", "", shown);
	link.href = url.href;
	link.target = "_blank";
	link.rel = "noopener noreferrer";
	link.referrerPolicy = "no-referrer";
	return link;
}
