import { ProtocolError } from "../../../../lib/wire/errors/reason.ts";
import { readBatch } from "../../../../lib/wire/messages/batch.ts";
import { readClientMessage, readServerMessage } from "../../../../lib/wire/messages/messages.ts";

export const KEY = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=";
export const TOKEN = "0123456789abcdef0123456789abcdef";
export const DEVICE = TOKEN.repeat(3);
export const VISIT = "q3_Zr0-Aa91";

type Message = { type: string } & Record<string, unknown>;

// One valid message of every type; message-fields.ts lists the other values of each field.
export const CLIENT: Message[] = [
	{ type: "login", name: "ann", email: "ann@gmail.com", password: "abcd efgh ijkl mnop" },
	{ type: "login", name: "ann", email: "ann@gmail.com", token: "ya29.a0-_~+/=" },
	{ type: "login", name: "ann", email: "ann@gmail.com", ticket: TOKEN, code: "012345" },
	{ type: "login", name: "ann", email: "ann@gmail.com", device: DEVICE, remember: true },
	{ type: "login_methods" },
	{ type: "request_code", email: "ann@gmail.com" },
	{ type: "resume", token: TOKEN, seq: 7, private: 2 },
	{ type: "say", id: "a1", text: "hello", me: true },
	{ type: "tell", id: "a1", to: "bob", visit: VISIT, text: "hello" },
	{ type: "who", id: "a1" },
	{ type: "ping", id: "a1", private: 2 },
	{ type: "leave", id: "a1" },
	{ type: "devices", id: "a1" },
	{ type: "sign_out", id: "a1", all: true },
	{ type: "kick", id: "a1", name: "bob", visit: VISIT, reason: "noise" },
	{ type: "ban", id: "a1", who: "bob", visit: VISIT, reason: "noise" },
	{ type: "unban", id: "a1", address: "bob@gmail.com" },
	{ type: "mute", id: "a1", name: "bob", visit: VISIT },
	{ type: "unmute", id: "a1", who: "bob", visit: VISIT },
	{ type: "bans", id: "a1" },
	{ type: "sign_out_member", id: "a1", who: "bob", visit: VISIT },
	{ type: "announce", id: "a1", text: "hello" },
	{ type: "title", id: "a1", title: "Book club" },
	{ type: "close", id: "a1" },
];

export const ROOM_EVENTS: Message[] = [
	{ type: "said", from: "ann", id: "a1", text: "hello", me: true },
	{ type: "joined", name: "ann", visit: VISIT },
	{ type: "left", name: "ann" },
	{ type: "away", name: "ann" },
	{ type: "back", name: "ann" },
	{ type: "kicked", name: "bob", by: "ann", reason: "noise" },
	{ type: "banned", by: "ann", name: "bob", address: "b***@gmail.com", reason: "noise" },
	{ type: "unbanned", by: "ann", address: "b***@gmail.com" },
	{ type: "muted", name: "bob", by: "ann" },
	{ type: "unmuted", name: "bob", by: "ann" },
	{ type: "announced", by: "ann", text: "hello" },
	{ type: "titled", by: "ann", title: "Book club" },
];

export const STAMP = { seq: 1, at: 2 };

/** The events as a batch numbers them, and as `replay` contains them. */
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
		...{ type: "welcome", name: "ann", epoch: 1, key: KEY, seq: 0 },
		...{ members: [["ann", VISIT]], away: [[VISIT, 5]], resume: TOKEN, grace: 120_000 },
		...{ history: { events: 50, until: 9 }, owner: true, title: "Book club", motd: "be kind" },
		device: DEVICE,
	},
	{ type: "resumed", epoch: 1, key: KEY, seq: 9, resume: TOKEN, lost: { events: 1, private: 0 } },
	{
		...{ type: "login_methods", methods: ["password", "code"] },
		...{ verifier: "gmail.com", version: "1.2.3" },
	},
	{ type: "code_sent", ticket: TOKEN },
	{ type: "denied", code: "name_taken", text: "choose another" },
	{ type: "replay", events: [...EVENTS, TOLD] },
	{ type: "rekey", epoch: 2, key: KEY },
	TOLD,
	{ type: "unconfirmed", name: "bob", visit: VISIT, count: 2 },
	{ type: "roster", members: [{ name: "ann", visit: VISIT, since: 1, address: "a***@gmail.com" }] },
	{ type: "roster", at: 1, members: [] },
	{ type: "roster", at: 9, members: [{ name: "ann", visit: VISIT, since: 1, away: 5 }] },
	{ type: "banlist", addresses: ["bob@gmail.com"] },
	{
		type: "device_list",
		devices: [
			{ made: 1, used: 2, current: true },
			{ made: 0, used: 0 },
		],
	},
	{ type: "signed_out", count: 2 },
	{ type: "refused", code: "bad_field", text: "too long", id: "a1" },
	{ type: "pong" },
	{ type: "closing", code: "left", text: "You left the room." },
];

/** One event, without the number and the time that its batch gives it. */
export function readRoomEvent(value: unknown): unknown {
	const [event] = readBatch({ ...STAMP, events: [value] }).events;
	const { seq, at, ...rest } = { ...STAMP, ...event };
	return rest;
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
