import { RANDOM_ID } from "../util/random-id.ts";
import { credentialOf } from "./credentials.ts";
import { ProtocolError, reason } from "./reason.ts";
import {
	type Field,
	isObject,
	list,
	type MessagesOf,
	matching,
	messageOf,
	messageReader,
	optional,
	pick,
	record,
	text,
	wholeNumber,
} from "./schema.ts";

// Every message that may cross the wire, defined once.

export const MAX_TEXT_BYTES = 8192;
const NAME = /^[A-Za-z0-9_.-]{1,24}$/;
/** Printable ASCII, like Gmail's; no quotes and no control characters, which AUTH would pass on. */
const EMAIL = /^[!#-?A-~]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/;

export const nameField = matching(NAME, "1 to 24 of the characters A-Z a-z 0-9 . _ -");
export const emailField: Field<string> = {
	expected: "an address like somebody@gmail.com",
	is: (value): value is string =>
		typeof value === "string" && value.length <= 254 && EMAIL.test(value),
};
/** A control character would end AUTH PLAIN's password early, or begin another SMTP command. */
export const passwordField = matching(
	/^\P{Cc}{1,256}$/u,
	"1 to 256 characters, none a control character",
);
/** An OAuth 2 access token as in RFC 6750; it fits a line together with the rest of a login. */
export const accessTokenField = matching(
	/^[\w.~+/-]{1,2040}={0,8}$/,
	"1 to 2048 of the characters A-Z a-z 0-9 - . _ ~ + / =",
);
export const textField = text(MAX_TEXT_BYTES);
export const idField = matching(/^[\w-]{1,36}$/, "1 to 36 of the characters A-Z a-z 0-9 _ -");
/** Present or absent. A `say` with `me` tells what its author does: "ann waves". */
const flag = optional<true>({ expected: "true", is: (value) => value === true });
const keyField = matching(/^[\w-]{43}=$/, "a Fernet key");
const randomIdField = matching(RANDOM_ID, "32 of the characters 0-9 a-f");
/** The code that the server mails to an account. */
export const codeField = matching(/^[0-9]{6}$/, "six digits");
const codeWordField = matching(/^[a-z_]{1,40}$/, "a word of a-z and _");
const codeAndText = { code: codeWordField, text: text(1024) };
const shownEmailField = text(254);
export const titleField = matching(
	/^[^\p{Cc}\p{Cs}]{1,80}$/u,
	"1 to 80 characters, none a control character",
);
/** The message of the day. */
export const motdField = text(4096);
/** The reason that an owner gives. */
const reasonField = optional(text(200));
/** A name never contains `@`; an address always does. */
const personField: Field<string> = {
	expected: `a name, or ${emailField.expected}`,
	is: (value): value is string => nameField.is(value) || emailField.is(value),
};

/** Requests that only an owner of the room may make. */
const ownerMessages = {
	kick: { name: nameField, why: reasonField },
	ban: { who: personField, why: reasonField },
	unban: { address: emailField },
	mute: { name: nameField },
	unmute: { who: personField },
	bans: {},
	announce: { text: textField },
	title: { title: titleField },
	close: {},
};

const clientMessages = {
	/** With exactly one credential: see `credentialOf`. */
	login: {
		...{ name: nameField, email: emailField },
		...{ password: optional(passwordField), token: optional(accessTokenField) },
		...{ ticket: optional(randomIdField), code: optional(codeField) },
	},
	ask: {},
	mail: { email: emailField },
	resume: { token: randomIdField, seq: wholeNumber, told: wholeNumber },
	say: { id: idField, text: textField, me: flag },
	tell: { id: idField, to: nameField, text: textField },
	who: {},
	ping: {},
	leave: {},
	...ownerMessages,
};

const roomEvents = {
	said: { from: nameField, id: idField, text: textField, me: flag },
	joined: { name: nameField },
	left: { name: nameField },
	away: { name: nameField },
	back: { name: nameField },
	kicked: { name: nameField, by: nameField, why: reasonField },
	/** The `name` of a member who was here, else what members may see of the `address`. */
	banned: {
		by: nameField,
		name: optional(nameField),
		address: optional(shownEmailField),
		why: reasonField,
	},
	unbanned: { by: nameField, address: optional(shownEmailField) },
	muted: { name: nameField, by: nameField },
	unmuted: { name: nameField, by: nameField },
	announced: { by: nameField, text: textField },
	titled: { by: nameField, title: titleField },
};
const placeInOrder = { seq: wholeNumber, at: wholeNumber };
type SequencedTables = {
	[K in keyof typeof roomEvents]: typeof placeInOrder & (typeof roomEvents)[K];
};
const sequencedEvents = Object.fromEntries(
	Object.entries(roomEvents).map(([type, fields]) => [type, { ...placeInOrder, ...fields }]),
) as SequencedTables;

const told = { id: idField, at: wholeNumber, from: nameField, to: nameField, text: textField };
const roomKey = { epoch: wholeNumber, key: keyField };
const serverMessages = {
	welcome: {
		...roomKey,
		name: nameField,
		seq: wholeNumber,
		members: list(nameField),
		resume: randomIdField,
		/** Milliseconds in which the client can come back with `resume`. */
		grace: wholeNumber,
		owner: flag,
		title: optional(titleField),
		motd: optional(motdField),
	},
	resumed: {
		...roomKey,
		seq: wholeNumber,
		resume: randomIdField,
		/** How much of it the history no longer holds. */
		lost: record({ events: wholeNumber, told: wholeNumber }),
	},
	accepts: { ways: list(codeWordField) },
	mailed: { ticket: randomIdField },
	denied: codeAndText,
	missed: { events: list(messageOf({ ...sequencedEvents, told })) },
	rekey: roomKey,
	told,
	roster: {
		members: list(
			record({ name: nameField, since: wholeNumber, address: optional(shownEmailField) }),
		),
	},
	banlist: { addresses: list(emailField) },
	refused: { ...codeAndText, id: optional(idField) },
	pong: {},
	closing: codeAndText,
};

export type ClientMessage = MessagesOf<typeof clientMessages>;
export type OwnerMessage = MessagesOf<typeof ownerMessages>;
/** A message to one member, under the session key. */
export type ServerMessage = MessagesOf<typeof serverMessages>;
/** Something that happened in the room. */
export type RoomEvent = MessagesOf<typeof roomEvents>;
/** An event in its place: `seq` counts in the room's one order, `at` is milliseconds since 1970. */
export type SequencedEvent = MessagesOf<typeof sequencedEvents>;
/**
 * What a token under the room key holds besides its `events`. The order has no gaps and a turn
 * counts as one moment, so the `seq` of the first event and one `at` serve for all. `next` is the
 * key of every token after it.
 */
export interface BatchHeader {
	seq: number;
	at: number;
	next?: { epoch: number; key: string };
}
/** A batch as its reader needs it, with each event in its place. */
export interface OpenedBatch {
	events: SequencedEvent[];
	next?: { epoch: number; key: string };
}

export type Login = Extract<ClientMessage, { type: "login" }>;
export type Resume = Extract<ClientMessage, { type: "resume" }>;
export type Say = Extract<ClientMessage, { type: "say" }>;
export type Tell = Extract<ClientMessage, { type: "tell" }>;
export type Roster = Extract<ServerMessage, { type: "roster" }>;
export type Told = Extract<ServerMessage, { type: "told" }>;

const readMessage = messageReader(clientMessages);

/** Throws ProtocolError, or BadField for an unusable field. */
export function readClientMessage(value: unknown): ClientMessage {
	const message = readMessage(value);
	if (message.type === "login") credentialOf(message);
	return message;
}

export const readServerMessage = messageReader(serverMessages);
const readRoomEvent = messageReader(roomEvents);
const batchHeader = record({ ...placeInOrder, next: optional(record(roomKey)) });

/** The JSON of a batch whose `events` are JSON already. */
export const batchJson = (head: BatchHeader, events: string): string =>
	`${JSON.stringify(head).slice(0, -1)},"events":${events}}`;

/** Opens a batch: every event gets its own `seq` and `at`. Throws ProtocolError. */
export function readBatch(value: unknown): OpenedBatch {
	const happened = isObject(value) ? value.events : undefined;
	if (!Array.isArray(happened) || !batchHeader.is(value)) {
		throw new ProtocolError(
			reason("bad_message", "A batch must have a seq, an at and a list of events."),
		);
	}
	const { seq, at, next } = pick(batchHeader, value);
	if (!wholeNumber.is(seq + happened.length)) {
		throw new ProtocolError(
			reason("bad_message", "A batch has more events than there are sequence numbers."),
		);
	}
	const events = happened.map((event, i) => sequenced(readRoomEvent(event), seq + i, at));
	return next ? { events, next } : { events };
}

export function sequenced({ type, ...fields }: RoomEvent, seq: number, at: number): SequencedEvent {
	return { type, seq, at, ...fields } as SequencedEvent;
}
