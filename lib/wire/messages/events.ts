import {
	flag,
	idField,
	nameField,
	reasonField,
	shownEmailField,
	textField,
	titleField,
	visitField,
} from "./fields.ts";
import {
	type Field,
	isObject,
	type MessagesOf,
	messageOf,
	messageReader,
	optional,
	pick,
	wholeNumber,
} from "./schema.ts";

// What happens in the room. Everybody learns it, in one order.

const roomEvents = {
	said: { from: nameField, id: idField, text: textField, me: flag },
	joined: { name: nameField, visit: visitField },
	left: { name: nameField },
	away: { name: nameField },
	back: { name: nameField },
	kicked: { name: nameField, by: nameField, reason: reasonField },
	/** The `name` of a member who was here, else what members may see of the `address`. */
	banned: {
		by: nameField,
		name: optional(nameField),
		address: optional(shownEmailField),
		reason: reasonField,
	},
	unbanned: { by: nameField, address: optional(shownEmailField) },
	muted: { name: nameField, by: nameField },
	unmuted: { name: nameField, by: nameField },
	announced: { by: nameField, text: textField },
	titled: { by: nameField, title: titleField },
};
export const placeInOrder = { seq: wholeNumber, at: wholeNumber };
type SequencedTables = {
	[K in keyof typeof roomEvents]: typeof placeInOrder & (typeof roomEvents)[K];
};
const sequencedEvents = Object.fromEntries(
	Object.entries(roomEvents).map(([type, fields]) => [type, { ...placeInOrder, ...fields }]),
) as SequencedTables;

/** A private message, as both participants get it. */
export const toldFields = {
	id: idField,
	at: wholeNumber,
	from: nameField,
	to: nameField,
	text: textField,
};
const replayed = { ...sequencedEvents, told: toldFields };

/** Something that happened in the room. */
export type RoomEvent = MessagesOf<typeof roomEvents>;
/** An event in its place: `seq` counts in the room's one order, `at` is milliseconds since 1970. */
export type SequencedEvent = MessagesOf<typeof sequencedEvents>;
/** An event of a newer server. It counts in the order, and means nothing to us. */
export interface UnknownEvent {
	readonly type: "unknown";
	readonly seq: number;
}

const readKnownEvent = messageReader(roomEvents);
const hasUnknownType = (value: unknown, tables: object): boolean =>
	isObject(value) && typeof value.type === "string" && !Object.hasOwn(tables, value.type);

/** Reads one event of a batch. Throws ProtocolError. */
export const readEvent = (
	value: unknown,
	seq: number,
	at: number,
): SequencedEvent | UnknownEvent =>
	hasUnknownType(value, roomEvents)
		? { type: "unknown", seq }
		: sequenced(readKnownEvent(value), seq, at);

export function sequenced({ type, ...fields }: RoomEvent, seq: number, at: number): SequencedEvent {
	return { type, seq, at, ...fields } as SequencedEvent;
}

const knownField = messageOf(replayed);
const isUnknown = (value: unknown): value is UnknownEvent =>
	hasUnknownType(value, replayed) && wholeNumber.is(Object(value).seq);
/** One item of a `replay`: an event with a place of its own, or a private message. */
export const replayedField: Field<MessagesOf<typeof replayed> | UnknownEvent> = {
	expected: knownField.expected,
	is: (value): value is MessagesOf<typeof replayed> | UnknownEvent =>
		isUnknown(value) || knownField.is(value),
	pick: (value) =>
		isUnknown(value) ? { type: "unknown", seq: value.seq } : pick(knownField, value),
};
