import { roomKeyFields } from "./batch.ts";
import { credentialOf } from "./credentials.ts";
import { replayedField, toldFields } from "./events.ts";
import {
	accessTokenField,
	awayField,
	codeField,
	codeWordField,
	deviceField,
	emailField,
	flag,
	idField,
	loginNameField,
	memberField,
	motdField,
	nameField,
	passwordField,
	personField,
	randomIdField,
	reasonField,
	shownEmailField,
	textField,
	titleField,
	visitField,
} from "./fields.ts";
import {
	BadField,
	list,
	type MessagesOf,
	messageReader,
	optional,
	record,
	text,
	wholeNumber,
} from "./schema.ts";

// Every message that may cross the wire under a session key, defined once.

/** Any request may have an id; `refused` gives it back. */
const id = optional(idField);

/** Requests that only an owner of the room may make. */
const ownerMessages = {
	kick: { id, name: nameField, visit: visitField, reason: reasonField },
	/** With the visit of a member, without for an address. */
	ban: { id, who: personField, visit: optional(visitField), reason: reasonField },
	unban: { id, address: emailField },
	mute: { id, name: nameField, visit: visitField },
	/** With the visit of a member, without for an address or for the name of somebody who has left. */
	unmute: { id, who: personField, visit: optional(visitField) },
	bans: { id },
	/** Signs out all devices of an account: with the visit of a member, without for an address. */
	sign_out_member: { id, who: personField, visit: optional(visitField) },
	announce: { id, text: textField },
	title: { id, title: titleField },
	close: { id },
};

const clientMessages = {
	/** With exactly one credential: see `credentialOf`. */
	login: {
		...{ name: loginNameField, email: emailField },
		...{ password: optional(passwordField), token: optional(accessTokenField) },
		...{ ticket: optional(randomIdField), code: optional(codeField) },
		device: optional(deviceField),
		/** Asks for a `device` to log in with later. */
		remember: flag,
	},
	login_methods: {},
	request_code: { email: emailField },
	/** `private`: how many private messages have arrived in this visit. */
	resume: { token: randomIdField, seq: wholeNumber, private: wholeNumber },
	say: { id: idField, text: textField, me: flag },
	tell: { id: idField, to: nameField, visit: visitField, text: textField },
	who: { id },
	ping: { id, private: wholeNumber },
	leave: { id },
	devices: { id },
	/** This device alone, without `all`. */
	sign_out: { id, all: flag },
	...ownerMessages,
};

const codeAndText = { code: codeWordField, text: text(1024) };
const member = { name: nameField, visit: visitField };
const serverMessages = {
	welcome: {
		...roomKeyFields,
		name: nameField,
		seq: wholeNumber,
		members: list(memberField),
		/** Those of them who are away. Older servers do not say it. */
		away: optional(list(awayField)),
		resume: randomIdField,
		/** Milliseconds in which the client can come back with `resume`. */
		grace: wholeNumber,
		/**
		 * Present if newcomers can read what was said before: at most so many events. Those up to `until`
		 * are from before this member joined, and `members` counts them already.
		 */
		history: optional(record({ events: wholeNumber, until: wholeNumber })),
		owner: flag,
		title: optional(titleField),
		motd: optional(motdField),
		/** What this device can log in with the next time. */
		device: optional(deviceField),
	},
	resumed: {
		...roomKeyFields,
		seq: wholeNumber,
		resume: randomIdField,
		/** How much of it the history no longer holds. */
		lost: record({ events: wholeNumber, private: wholeNumber }),
	},
	login_methods: {
		methods: list(codeWordField),
		/** The service that checks passwords and access tokens: `gmail.com`, or a mail server. */
		verifier: text(255),
		/** The version of the server's program. */
		version: text(64),
	},
	code_sent: { ticket: randomIdField },
	denied: codeAndText,
	replay: { events: list(replayedField) },
	rekey: roomKeyFields,
	told: toldFields,
	/** A member left without having confirmed this many of the reader's private messages. */
	unconfirmed: { ...member, count: wholeNumber },
	roster: {
		/** The server's time; older servers do not send it. */
		at: optional(wholeNumber),
		members: list(
			record({
				...{ ...member, since: wholeNumber },
				/** Since when the member is away. */
				away: optional(wholeNumber),
				address: optional(shownEmailField),
				owner: flag,
			}),
		),
	},
	banlist: { addresses: list(emailField) },
	/** The remembered devices of the reader's account, the one that was used last first. */
	device_list: {
		devices: list(record({ made: wholeNumber, used: wholeNumber, current: flag })),
	},
	/** How many devices are no longer remembered. */
	signed_out: { count: wholeNumber },
	refused: { ...codeAndText, id },
	pong: {},
	closing: codeAndText,
};

export type ClientMessage = MessagesOf<typeof clientMessages>;
export type OwnerMessage = MessagesOf<typeof ownerMessages>;
/** A message to one member, under the session key. */
export type ServerMessage = MessagesOf<typeof serverMessages>;

export type Login = Extract<ClientMessage, { type: "login" }>;
export type Resume = Extract<ClientMessage, { type: "resume" }>;
export type Say = Extract<ClientMessage, { type: "say" }>;
export type Tell = Extract<ClientMessage, { type: "tell" }>;
export type Roster = Extract<ServerMessage, { type: "roster" }>;
export type Welcome = Extract<ServerMessage, { type: "welcome" }>;
export type Told = Extract<ServerMessage, { type: "told" }>;

const readMessage = messageReader(clientMessages, serverMessages);

/** Throws ProtocolError; BadField for an unusable field, UnknownType for a type we do not know. */
export function readClientMessage(value: unknown): ClientMessage {
	const message = readMessage(value);
	if (message.type === "login") credentialOf(message);
	if (
		(message.type === "ban" || message.type === "sign_out_member") &&
		nameField.is(message.who) &&
		message.visit === undefined
	) {
		throw new BadField(`${message.type}: a name must have its visit.`, message.id);
	}
	return message;
}

/** Throws ProtocolError; UnknownType for a message of a newer server. */
export const readServerMessage = messageReader(serverMessages, clientMessages);
