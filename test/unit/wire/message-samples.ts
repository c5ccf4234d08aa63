import { readBatch, readClientMessage, readServerMessage } from "../../../lib/wire/messages.ts";
import { ProtocolError } from "../../../lib/wire/reason.ts";

export const KEY = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=";
export const TOKEN = "0123456789abcdef0123456789abcdef";

type Message = { type: string } & Record<string, unknown>;

// One valid message of every type; message-fields.ts lists the other values of each field.
const CLIENT: Message[] = [
	{ type: "login", name: "ann", email: "ann@gmail.com", password: "abcd efgh ijkl mnop" },
	{ type: "login", name: "ann", email: "ann@gmail.com", token: "ya29.a0-_~+/=" },
	{ type: "login", name: "ann", email: "ann@gmail.com", ticket: TOKEN, code: "012345" },
	{ type: "ask" },
	{ type: "mail", email: "ann@gmail.com" },
	{ type: "resume", token: TOKEN, seq: 7, told: 2 },
	{ type: "say", id: "a1", text: "hello", me: true },
	{ type: "tell", id: "a1", to: "bob", text: "hello" },
	{ type: "who" },
	{ type: "ping" },
	{ type: "leave" },
	{ type: "kick", name: "bob", why: "noise" },
	{ type: "ban", who: "bob", why: "noise" },
	{ type: "unban", address: "bob@gmail.com" },
	{ type: "mute", name: "bob" },
	{ type: "unmute", who: "bob" },
	{ type: "bans" },
	{ type: "announce", text: "hello" },
	{ type: "title", title: "Book club" },
	{ type: "close" },
];

export const ROOM_EVENTS: Message[] = [
	{ type: "said", from: "ann", id: "a1", text: "hello", me: true },
	{ type: "joined", name: "ann" },
	{ type: "left", name: "ann" },
	{ type: "away", name: "ann" },
	{ type: "back", name: "ann" },
	{ type: "kicked", name: "bob", by: "ann", why: "noise" },
	{ type: "banned", by: "ann", name: "bob", address: "b***@gmail.com", why: "noise" },
	{ type: "unbanned", by: "ann", address: "b***@gmail.com" },
	{ type: "muted", name: "bob", by: "ann" },
	{ type: "unmuted", name: "bob", by: "ann" },
	{ type: "announced", by: "ann", text: "hello" },
	{ type: "titled", by: "ann", title: "Book club" },
];

export const STAMP = { seq: 1, at: 2 };

/** The events as a batch numbers them, and as `missed` contains them. */
export const EVENTS: Message[] = ROOM_EVENTS.map(({ type, ...fields }, i) => ({
	...{ type, seq: 1 + i, at: 2 },
	...fields,
}));

export const TOLD: Message = {
	type: "told",
	id: "a1",
	at: 2,
	from: "ann",
	to: "bob",
	text: "hello",
};

export const SERVER: Message[] = [
	{
		...{ type: "welcome", name: "ann", epoch: 1, key: KEY, seq: 0, members: ["ann", "bob"] },
		...{ resume: TOKEN, grace: 120_000 },
		...{ owner: true, title: "Book club", motd: "be kind" },
	},
	{ type: "resumed", epoch: 1, key: KEY, seq: 9, resume: TOKEN, lost: { events: 1, told: 0 } },
	{ type: "accepts", ways: ["password", "code"] },
	{ type: "mailed", ticket: TOKEN },
	{ type: "denied", code: "name_taken", text: "choose another" },
	{ type: "missed", events: [...EVENTS, TOLD] },
	{ type: "rekey", epoch: 2, key: KEY },
	TOLD,
	{ type: "roster", members: [{ name: "ann", since: 1, address: "a***@gmail.com" }] },
	{ type: "banlist", addresses: ["bob@gmail.com"] },
	{ type: "refused", code: "bad_message", text: "too long", id: "a1" },
	{ type: "pong" },
	{ type: "closing", code: "left", text: "You left the room." },
];

/** One event, without the number and the time that its batch gives it. */
export function readRoomEvent(value: unknown): unknown {
	const { seq, at, ...event } = readBatch({ ...STAMP, events: [value] }).events[0] ?? {};
	return event;
}

export const WAYS = [
	{ way: "from a client", read: readClientMessage, messages: CLIENT },
	{ way: "from a server", read: readServerMessage, messages: SERVER },
	{ way: "of the room", read: readRoomEvent, messages: ROOM_EVENTS },
];

export function fault(action: () => unknown): ProtocolError {
	try {
		action();
	} catch (error) {
		if (error instanceof ProtocolError) return error;
		throw error;
	}
	throw new Error("it came through");
}
