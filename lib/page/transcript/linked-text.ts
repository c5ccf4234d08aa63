import { create } from "../util/elements.ts";

/** An address as people write it in a text. */
const LINK = /\bhttps?:\/\/[^\s<>"]+/giu;
/** What ends a sentence does not belong to it. */
const SENTENCE_END = new Set(".,:;!?'*_~”’»…。、，．！？；：");
/** Nor does a bracket that was opened before it. */
const BRACKETS = new Map([
	[")", "("],
	["]", "["],
	["}", "{"],
	["）", "（"],
	["」", "「"],
	["』", "『"],
	["】", "【"],
	["》", "《"],
]);

/** A sanitized text, in which web addresses can be followed. They learn nothing of this page. */
export function linkedText(text: string): (Node | string)[] {
	const parts: (Node | string)[] = [];
	let end = 0;
	for (const { 0: found, index } of text.matchAll(LINK)) {
		const written = withoutRest(found);
		const url = safeUrl(written);
		if (!url) continue;
		parts.push(text.slice(end, index), linkTo(url, written));
		end = index + written.length;
	}
	parts.push(text.slice(end));
	return parts.filter((part) => part !== "");
}

function withoutRest(found: string): string {
	/** How many more of a closing bracket there are than of its opening one. */
	const surplus = new Map<string, number>();
	let end = found.length;
	for (; end > 0; end--) {
		const last = found[end - 1] ?? "";
		const opening = BRACKETS.get(last);
		if (opening === undefined) {
			if (SENTENCE_END.has(last)) continue;
			break;
		}
		const more = surplus.get(last) ?? count(found, last) - count(found, opening);
		if (more <= 0) break;
		surplus.set(last, more - 1);
	}
	return found.slice(0, end);
}

const count = (text: string, character: string): number => text.split(character).length - 1;

/** Null for what a browser could read otherwise than a person: `https://bank.example@evil.example`. */
function safeUrl(written: string): URL | null {
	const url = URL.parse(written);
	const isWeb = url?.protocol === "https:" || url?.protocol === "http:";
	return isWeb && url.username === "" && url.password === "" ? url : null;
}

/** Shows where the link leads: a host in letters that look like others' is shown as `xn--…`. */
function linkTo(url: URL, written: string): Node {
	const host = /^https?:\/\/([^/?#\\]*)/i.exec(written)?.[1]?.toLowerCase();
	const isAsWritten = host === url.host || host === `${url.host}:${defaultPort(url)}`;
	const link = create("a", "", isAsWritten ? written : url.href);
	link.href = url.href;
	link.target = "_blank";
	link.rel = "noopener noreferrer";
	link.referrerPolicy = "no-referrer";
	return link;
}

const defaultPort = ({ protocol }: URL): number => (protocol === "https:" ? 443 : 80);
