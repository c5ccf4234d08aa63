import { expect, test } from "bun:test";
import { Ringing } from "../../../../lib/client/chat/ringing.ts";
import type { Bell } from "../../../../lib/client/commands/command.ts";
import { Mentions } from "../../../../lib/client/transcript/mentions.ts";
import type { TranscriptItem } from "../../../../lib/client/transcript/transcript-item.ts";

const at = { seq: 1, at: 0, id: "1" };
const said = (from: string, text: string): TranscriptItem => ({
	kind: "said",
	message: { type: "said", from, text, ...at },
});
const told = (from: string, to: string): TranscriptItem => ({
	kind: "told",
	message: { type: "told", from, to, text: "psst", ...at },
});
const announced = (by: string): TranscriptItem => ({
	kind: "owner",
	event: { type: "announced", by, text: "out", ...at },
});
const titled: TranscriptItem = {
	kind: "owner",
	event: { type: "titled", by: "bob", title: "Book club", ...at },
};

const RINGS: [what: string, item: TranscriptItem, bells: Bell[]][] = [
	["a mention", said("bob", "hello Ann"), ["mention", "all"]],
	["what others say", said("bob", "hello"), ["all"]],
	["a private message", told("bob", "ann"), ["mention", "all"]],
	["an announcement", announced("bob"), ["mention", "all"]],
	["our own words", said("ann", "I am ann"), []],
	["our own private message", told("ann", "bob"), []],
	["our own announcement", announced("ann"), []],
	["another act of an owner", titled, []],
	["a note", { kind: "note", text: "ann" }, []],
];

test.each(RINGS)("%s rings as the user has chosen, and says for what", (_, item, bells) => {
	const ringing = (bell: Bell): TranscriptItem[] => {
		const rung: TranscriptItem[] = [];
		const ui = () => ({ ring: (for_: TranscriptItem) => void rung.push(for_) });
		new Ringing({ bell, mentions: new Mentions("ann"), ui }).shown(item);
		return rung;
	};
	for (const bell of ["mention", "all", "off"] as const) {
		expect(ringing(bell)).toEqual(bells.includes(bell) ? [item] : []);
	}
});
