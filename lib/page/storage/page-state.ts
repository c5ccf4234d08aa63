import type { UnsentMessage } from "../../client/chat/pending-messages.ts";
import type { KeptVisit } from "../../client/chat/ui.ts";
import type { TranscriptItem } from "../../client/transcript/transcript-item.ts";
import { ChatError } from "../../util/errors.ts";
import { ProtocolError, reason } from "../../wire/errors/reason.ts";
import { replayedField } from "../../wire/messages/events.ts";
import { emailField, nameField, randomIdField, visitField } from "../../wire/messages/fields.ts";
import { readClientMessage, readServerMessage } from "../../wire/messages/messages.ts";
import {
	type Field,
	isObject,
	list,
	optional,
	pick,
	record,
	wholeNumber,
} from "../../wire/messages/schema.ts";

/** What a reloaded page goes on with. */
export interface PageState extends KeptVisit {
	/** The account of the visit. */
	readonly email: string;
	readonly draft: string;
	/** The latest part of the transcript. */
	readonly items: readonly TranscriptItem[];
}

const anyText: Field<string> = {
	expected: "a text",
	is: (value): value is string => typeof value === "string",
};
const anyObject: Field<object> = { expected: "an object", is: isObject };
const anyList: Field<unknown[]> = { expected: "a list", is: Array.isArray };
const recipient = record({ name: nameField, visit: visitField });
const progress = record({ seq: wholeNumber, private: wholeNumber, historyUntil: wholeNumber });
const unsent = record({ message: anyObject, failure: optional(anyText) });
const stateField = record({
	...{ email: emailField, draft: anyText, welcome: anyObject, items: anyList },
	place: record({ token: randomIdField, progress }),
	unsent: list(unsent),
	recipients: record({
		lastSender: optional(recipient),
		draft: optional(record({ key: anyText, recipient })),
	}),
});

const moves = record({
	...{ type: anyText, names: list(nameField), others: wholeNumber, at: wholeNumber },
});
/** What the items of each kind have. */
const ITEMS: Record<string, Field<object>> = {
	said: record({ message: replayedField }),
	told: record({ message: replayedField, visit: optional(visitField) }),
	moved: record({ moves }),
	presence: record({ event: replayedField }),
	owner: record({ event: replayedField }),
	notice: record({ text: anyText }),
	note: record({ text: anyText }),
	problem: record({ text: anyText }),
};

/** Has the shape of a room key, which is in memory alone. */
const NO_KEY = `${"A".repeat(43)}=`;

/**
 * What is stored, if a page can go on with it; else null. Perhaps another version of this page stored
 * it, or something else that has this address.
 */
export function readPageState(stored: unknown): PageState | null {
	if (!stateField.is(stored)) return null;
	const { items, unsent, ...state } = pick(stateField, stored);
	try {
		const welcome = readServerMessage({ ...state.welcome, key: NO_KEY });
		if (welcome.type !== "welcome") return null;
		return { ...state, welcome, unsent: unsent.map(readUnsent), items: items.filter(isItem) };
	} catch (error) {
		if (!(error instanceof ChatError)) throw error;
		return null;
	}
}

/** Throws ProtocolError. */
function readUnsent({
	message,
	failure,
}: {
	message: object;
	failure?: string | undefined;
}): UnsentMessage {
	const read = readClientMessage(message);
	if (read.type === "say" || read.type === "tell") return { message: read, failure };
	throw new ProtocolError(reason("bad_type"));
}

function isItem(value: unknown): value is TranscriptItem {
	if (!isObject(value)) return false;
	const kind = String(value.kind);
	return Object.hasOwn(ITEMS, kind) && ITEMS[kind]?.is(value) === true;
}
