import { ProtocolError } from "../util/errors.ts";
import { proofOf } from "./credentials.ts";
import {
	type Field,
	isObject,
	list,
	type Messages,
	matching,
	messageOf,
	optional,
	reader,
	record,
	take,
	text,
	whole,
} from "./schema.ts";

// Every message that may cross the wire, once.

export const TEXT_BYTES = 8192;
const NAME = /^[A-Za-z0-9_.-]{1,24}$/;
/** Printable ASCII, as Gmail's are; no quotes and no control characters, which AUTH would carry on. */
const ADDRESS = /^[!#-?A-~]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/;

export const nameField = matching(NAME, "1 to 24 of the characters A-Z a-z 0-9 _ - .");
export const addressField: Field<string> = {
	expected: "an address like somebody@gmail.com",
	is: (value): value is string =>
		typeof value === "string" && value.length <= 254 && ADDRESS.test(value),
};
/** A control character would end AUTH PLAIN's password early, or begin another SMTP command. */
export const passwordField = matching(
	/^\P{Cc}{1,256}$/u,
	"1 to 256 characters, none a control character",
);
/** As RFC 6750 writes an OAuth 2 access token; with the rest of a login it fits a line. */
export const accessField = matching(
	/^[\w.~+/-]{1,2040}={0,8}$/,
	"1 to 2048 of the characters A-Z a-z 0-9 - . _ ~ + / =",
);
export const textField = text(TEXT_BYTES);
export const idField = matching(/^[\w-]{1,36}$/, "1 to 36 of the characters A-Z a-z 0-9 _ -");
/** There or not there; a `say` with `me` tells what its author does: "ann waves". */
const flag = optional<true>({ expected: "true", is: (value) => value === true });
const keyField = matching(/^[\w-]{43}=$/, "a Fernet key");
const tokenField = matching(/^[0-9a-f]{32}$/, "32 of the characters 0-9 a-f");
/** Mailed to whoever says to be somebody. */
export const codeField = matching(/^[0-9]{6}$/, "six digits");
const word = matching(/^[a-z_]{1,40}$/, "a word of a-z and _");
const reason = { code: word, text: text(1024) };
const addressShown = text(254);
export const titleField = matching(
	/^[^\p{Cc}\p{Cs}]{1,80}$/u,
	"1 to 80 characters, none a control character",
);
/** The message of the day. */
export const motdField = text(4096);
/** What an owner gives as a reason. */
const why = optional(text(200));
/** A name has no `@` in it, and every address has. */
const whoField: Field<string> = {
	expected: `a name, or ${addressField.expected}`,
	is: (value): value is string => nameField.is(value) || addressField.is(value),
};

/** What only an owner of the room may ask for. */
const fromOwner = {
	kick: { name: nameField, why },
	ban: { who: whoField, why },
	unban: { address: addressField },
	mute: { name: nameField },
	unmute: { who: whoField },
	bans: {},
	announce: { text: textField },
	title: { title: titleField },
	close: {},
};

const fromClient = {
	/** With one proof, and no more: see `proofOf`. */
	login: {
		...{ name: nameField, email: addressField },
		...{ password: optional(passwordField), token: optional(accessField) },
		...{ ticket: optional(tokenField), code: optional(codeField) },
	},
	ask: {},
	mail: { email: addressField },
	resume: { token: tokenField, seq: whole, told: whole },
	say: { id: idField, text: textField, me: flag },
	tell: { id: idField, to: nameField, text: textField },
	who: {},
	ping: {},
	leave: {},
	...fromOwner,
};

const happenings = {
	said: { from: nameField, id: idField, text: textField, me: flag },
	joined: { name: nameField },
	left: { name: nameField },
	away: { name: nameField },
	back: { name: nameField },
	kicked: { name: nameField, by: nameField, why },
	/** `name` of somebody who was here, else what may be seen of the `address`. */
	banned: { by: nameField, name: optional(nameField), address: optional(addressShown), why },
	unbanned: { by: nameField, address: optional(addressShown) },
	muted: { name: nameField, by: nameField },
	unmuted: { name: nameField, by: nameField },
	announced: { by: nameField, text: textField },
	titled: { by: nameField, title: titleField },
};
const stamp = { seq: whole, at: whole };
const events = {
	said: { ...stamp, ...happenings.said },
	joined: { ...stamp, ...happenings.joined },
	left: { ...stamp, ...happenings.left },
	away: { ...stamp, ...happenings.away },
	back: { ...stamp, ...happenings.back },
	kicked: { ...stamp, ...happenings.kicked },
	banned: { ...stamp, ...happenings.banned },
	unbanned: { ...stamp, ...happenings.unbanned },
	muted: { ...stamp, ...happenings.muted },
	unmuted: { ...stamp, ...happenings.unmuted },
	announced: { ...stamp, ...happenings.announced },
	titled: { ...stamp, ...happenings.titled },
};

const told = { id: idField, at: whole, from: nameField, to: nameField, text: textField };
const roomKey = { epoch: whole, key: keyField };
const fromServer = {
	welcome: {
		...roomKey,
		name: nameField,
		seq: whole,
		members: list(nameField),
		resume: tokenField,
		/** Milliseconds in which `resume` may come. */
		grace: whole,
		owner: flag,
		title: optional(titleField),
		motd: optional(motdField),
	},
	resumed: {
		...roomKey,
		seq: whole,
		resume: tokenField,
		/** What the log no longer reaches back to. */
		lost: record({ events: whole, told: whole }),
	},
	accepts: { ways: list(word) },
	mailed: { ticket: tokenField },
	denied: reason,
	missed: { events: list(messageOf({ ...events, told })) },
	rekey: roomKey,
	told,
	roster: {
		members: list(record({ name: nameField, since: whole, address: optional(addressShown) })),
	},
	banlist: { addresses: list(addressField) },
	refused: { ...reason, id: optional(idField) },
	pong: {},
	closing: reason,
};

export type ClientMessage = Messages<typeof fromClient>;
export type OwnerMessage = Messages<typeof fromOwner>;
/** What the server says to one member, under the session key. */
export type ServerMessage = Messages<typeof fromServer>;
/** What happened in the room. */
export type Happening = Messages<typeof happenings>;
/** The same in its place: `seq` is the room's one order, `at` milliseconds since 1970. */
export type RoomEvent = Messages<typeof events>;
/**
 * What one token under the room key holds beside `events`, its happenings. The order has no gaps and
 * a turn is one moment, so the first one's `seq` and one `at` do for all; `next` is the key of every
 * token after it.
 */
export interface BatchHead {
	seq: number;
	at: number;
	next?: { epoch: number; key: string };
}
/** A batch as its reader wants it, each event in its place. */
export interface OpenedBatch {
	events: RoomEvent[];
	next?: { epoch: number; key: string };
}

export type Login = Extract<ClientMessage, { type: "login" }>;
export type Resume = Extract<ClientMessage, { type: "resume" }>;
export type Say = Extract<ClientMessage, { type: "say" }>;
export type Tell = Extract<ClientMessage, { type: "tell" }>;
export type Welcome = Extract<ServerMessage, { type: "welcome" }>;
export type Roster = Extract<ServerMessage, { type: "roster" }>;
export type Told = Extract<ServerMessage, { type: "told" }>;

const readFromClient = reader(fromClient);

/** Throws ProtocolError, or BadField for a field. */
export function readClientMessage(value: unknown): ClientMessage {
	const message = readFromClient(value);
	if (message.type === "login") proofOf(message);
	return message;
}

export const readServerMessage = reader(fromServer);
const readHappening = reader(happenings);
const batchHead = record({ ...stamp, next: optional(record(roomKey)) });

/** A batch's JSON, around that of its events. */
export const batchText = (head: BatchHead, events: string): string =>
	`${JSON.stringify(head).slice(0, -1)},"events":${events}}`;

/** Throws ProtocolError. */
export function readBatch(value: unknown): OpenedBatch {
	const happened = isObject(value) ? value.events : undefined;
	if (!Array.isArray(happened) || !batchHead.is(value)) {
		throw new ProtocolError("bad_message", "a batch is a seq, an at and a list of events");
	}
	const { seq, at, next } = take(batchHead, value);
	if (!whole.is(seq + happened.length)) {
		throw new ProtocolError("bad_message", "a batch has more events than there are numbers");
	}
	const events = happened.map((event, i) => stamped(readHappening(event), seq + i, at));
	return next ? { events, next } : { events };
}

export function stamped({ type, ...fields }: Happening, seq: number, at: number): RoomEvent {
	return { type, seq, at, ...fields } as RoomEvent;
}
