import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { readBatch, readClientMessage, readServerMessage } from "../../../lib/wire/messages.ts";
import { ProtocolError } from "../../../lib/wire/reason.ts";
import { BadField } from "../../../lib/wire/schema.ts";

const RUNS = Number(process.env.FERNET_CHAT_RUNS ?? 100);
const KEY = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=";
const TOKEN = "0123456789abcdef0123456789abcdef";

type Message = { type: string } & Record<string, unknown>;

// One good message of every type, each field of it checked below.
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
const ROOM_EVENTS: Message[] = [
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
const STAMP = { seq: 1, at: 2 };
/** As a batch numbers them, and as `missed` has them. */
const EVENTS: Message[] = ROOM_EVENTS.map(({ type, ...fields }, i) => ({
	...{ type, seq: 1 + i, at: 2 },
	...fields,
}));
const TOLD: Message = { type: "told", id: "a1", at: 2, from: "ann", to: "bob", text: "hello" };
const SERVER: Message[] = [
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
	{ type: "closing", code: "left", text: "you have left" },
];

/** One thing that happened, without the number and the time that its batch gives it. */
function readRoomEvent(value: unknown): unknown {
	const { seq, at, ...event } = readBatch({ ...STAMP, events: [value] }).events[0] ?? {};
	return event;
}
const WAYS = [
	{ way: "from a client", read: readClientMessage, messages: CLIENT },
	{ way: "from a server", read: readServerMessage, messages: SERVER },
	{ way: "of the room", read: readRoomEvent, messages: ROOM_EVENTS },
];

/** What a field may be and what not: at its limits, and one past them. */
interface Values {
	good: unknown[];
	bad: unknown[];
}
const WRONG_TYPES = [undefined, null, 0, true, [], ["ann"], {}, { toString: "ann" }];
const NOT_WHOLE = [
	undefined,
	null,
	"1",
	-1,
	0.5,
	2 ** 53,
	Number.NaN,
	Number.POSITIVE_INFINITY,
	[1],
];

const names: Values = {
	good: ["a", "Ann-1_b.c", "0".repeat(24)],
	bad: ["", "0".repeat(25), "ann bob", "ann\n", "ännchen", "ann\u200b", "ann@home", "\u0430nna"],
};
const ids: Values = {
	good: ["a", "_-Z9", "i".repeat(36), "123e4567-e89b-12d3-a456-426614174000"],
	bad: ["", "i".repeat(37), "with space", "line\n", "dot.dot", "é-acute"],
};
const text = (most: number): Values => ({
	good: ["a", "\u0000", " ", "\n", "x".repeat(most), "é".repeat(most / 2), "😀".repeat(most / 4)],
	bad: [
		"",
		"x".repeat(most + 1),
		`${"é".repeat(most / 2)}x`,
		`${"世".repeat(Math.floor(most / 3))}世`,
		`${"😀".repeat(most / 4)}x`,
		"lone \ud800 surrogate",
		"\udc00 first",
		"reversed \ude00\ud83d",
	],
});
const tokens: Values = {
	good: [TOKEN, "f".repeat(32)],
	bad: ["", TOKEN.slice(1), `${TOKEN}0`, TOKEN.toUpperCase(), `${TOKEN.slice(1)}g`, `${TOKEN}\n`],
};
const wholes: Values = { good: [0, 1, 2 ** 53 - 1], bad: NOT_WHOLE };
const codes: Values = {
	good: ["a", "bad_key", "c".repeat(40)],
	bad: ["", "c".repeat(41), "Bad_K", "a b"],
};
const local = "l".repeat(64);
const domain = `${"d".repeat(62)}.${"d".repeat(62)}.${"d".repeat(63)}`;

const flags: Values = { good: [true], bad: [false, null, 1, "yes please", [true], {}] };
const emails: Values = {
	good: ["a@b.c", "ann+chat.x@gmail.com", "o'neil@x-y.example", `${local}@${domain}`],
	bad: [
		...["", "anna", "@here.com", "anna@", "anna@gmail", "anna@gmail.", "anna@.com"],
		...["a b@gmail.com", "anna@gmail..com", "an@na@gmail.com", '"anna"@gmail.com'],
		...["änna@gmail.com", "anna@gm_il.com"],
		...["anna@gmail.com\n", "anna\r\nQUIT@gmail.com", "anna\u0000@gmail.com", " anna@gmail.com"],
		...[`l${local}@gmail.com`, `${local}@${domain}d`],
	],
};

/** What may be seen of an address. */
const shown: Values = { good: ["a***@gmail.com", "x".repeat(254)], bad: ["", "x".repeat(255)] };

const VALUES: Record<string, Values> = {
	name: names,
	by: names,
	who: {
		good: [...names.good, ...emails.good],
		bad: ["", "0".repeat(25), "ann bob", "ann\n", "@ann", "anna@gmail", "anna@gmail.com\n"],
	},
	why: text(200),
	title: {
		good: ["a", " ", "t".repeat(80), "😀".repeat(80), "Ü: \u202e\u200b"],
		bad: [
			"",
			"t".repeat(81),
			"😀".repeat(81),
			"two\nlines",
			"a\u0000",
			"\u001b[31m",
			"\u009b",
			"\ud800x",
		],
	},
	motd: text(4096),
	owner: flags,
	address: emails,
	"banned.address": shown,
	"unbanned.address": shown,
	"announce.text": text(8192),
	"announced.text": text(8192),
	"banlist.addresses": {
		good: [[], ["ann@gmail.com"], Array.from({ length: 10_000 }, () => "ann@gmail.com")],
		bad: [undefined, null, {}, "anna@gmail.com", [1], ["anna"], ["anna@gmail.com", ""]],
	},
	from: names,
	to: names,
	id: ids,
	token: tokens,
	resume: tokens,
	"say.text": text(8192),
	"said.text": text(8192),
	"tell.text": text(8192),
	"told.text": text(8192),
	text: text(1024),
	seq: wholes,
	at: wholes,
	told: wholes,
	grace: wholes,
	epoch: wholes,
	me: flags,
	code: codes,
	key: {
		good: [KEY],
		bad: [
			"",
			KEY.slice(1),
			KEY.slice(0, -1),
			`${KEY}=`,
			KEY.replace("=", "A"),
			KEY.replace("_", "/"),
			`${KEY}\n`,
		],
	},
	email: emails,
	password: {
		good: ["a", "abcd efgh ijkl mnop", "pässwörd", "p".repeat(256), "😀".repeat(256)],
		bad: [
			...["", "p".repeat(257), "😀".repeat(257), "secret\u0000", "secret\r\nQUIT", "\u007fsecret"],
			...["secret\t", "\u001bsecret", "\u0080secret", "\u009fsecret"],
		],
	},
	"login.token": {
		good: ["a", "ya29.A0-_~+/", "t".repeat(2040), `${"t".repeat(2040)}========`],
		bad: [
			"",
			"two words",
			"t".repeat(2041),
			"=",
			"a=b",
			"t\u0001",
			"t\n",
			"tökén",
			"a=========",
			"a,b",
		],
	},
	"login.code": {
		good: ["000000", "012345", "999999"],
		bad: [
			"",
			"12345",
			"1234567",
			"12345a",
			"-12345",
			"123456\n",
			"\u0661\u0662\u0663\u0664\u0665\u0666",
		],
	},
	ticket: tokens,
	ways: {
		good: [[], ["password"], ["a_later_way"]],
		bad: [undefined, null, "code", [""], ["A way"], [1]],
	},
	"welcome.members": {
		good: [[], ["ann"], Array.from({ length: 10_000 }, () => "ann")],
		bad: [
			undefined,
			null,
			"anna",
			{},
			{ length: 0 },
			[1],
			["anna", ""],
			["anna", null],
			[["anna"]],
		],
	},
	"roster.members": {
		good: [
			[],
			[
				{ name: "ann", since: 0 },
				{ name: "bob", since: 1, address: "x".repeat(254) },
			],
		],
		bad: [
			...[undefined, null, {}, ["anna"], [null], [[]], [{ name: "anna" }], [{ since: 1 }]],
			...[[{ name: "anna", since: -1 }], [{ name: "anna bee", since: 1 }]],
			...["", 5, null, "x".repeat(255)].map((address) => [{ name: "anna", since: 1, address }]),
		],
	},
	"resumed.lost": {
		good: [
			{ events: 0, told: 0 },
			{ events: 2 ** 53 - 1, told: 3 },
		],
		bad: [
			...[undefined, null, 0, "1", [], [0, 0], {}, { events: 0 }, { told: 0 }],
			...[-1, "0", null, 0.5].flatMap((bad) => [
				{ events: bad, told: 0 },
				{ events: 0, told: bad },
			]),
		],
	},
	"missed.events": {
		good: [[], EVENTS, [TOLD], [TOLD, ...EVENTS, TOLD]],
		bad: [
			...[undefined, null, {}, { length: 0 }, "something", [null], [[]], [{}], [{ type: "said" }]],
			...[[{ type: "pong" }], [{ ...TOLD, type: "tell" }], [{ type: "missed", events: [] }]],
			...[
				[...EVENTS, { ...TOLD, from: "anna bee" }],
				[{ ...EVENTS[0], seq: -1 }, TOLD],
			],
			...[[{ type: "constructor" }], [{ type: "__proto__" }]],
		],
	},
};

const valuesOf = (type: string, field: string): Values => {
	const values = VALUES[`${type}.${field}`] ?? VALUES[field];
	if (!values) throw new Error(`no values for ${type}.${field}`);
	const { good, bad } = values;
	// What is no number at all is no text either, and the other way round.
	return typeof good[0] === "string" ? { good, bad: [...bad, ...WRONG_TYPES] } : { good, bad };
};

const OPTIONAL = new Set([
	...["refused.id", "say.me", "said.me", "welcome.owner", "welcome.title", "welcome.motd"],
	...["kick.why", "ban.why", "kicked.why", "banned.why", "banned.name", "banned.address"],
	"unbanned.address",
	...["login.token", "login.ticket", "login.code"],
]);
const isOptional = (type: string, field: string): boolean => OPTIONAL.has(`${type}.${field}`);

describe.each(WAYS)("$way", ({ read, messages }) => {
	const others = WAYS.flatMap((way) => way.messages).filter(
		(message) => !messages.includes(message),
	);
	const fields = messages.flatMap((message) =>
		Object.keys(message)
			.filter((field) => field !== "type")
			.map((field) => ({ of: message.type, field, message })),
	);

	test("a good message comes through as it is, without what is not declared", () => {
		for (const message of messages) {
			expect(read(message)).toEqual(message as never);
			const extended = { n: 0, ...message, later: { version: 2 }, password2: "secret" };
			expect(Object.keys(read(extended) as object).sort()).toEqual(Object.keys(message).sort());
		}
	});

	test("the types of other ways do not come through", () => {
		const none = ["", "Who", "who ", "constructor", "__proto__", "toString"].map((type) => ({
			type,
		}));
		for (const message of [...others, ...none]) {
			const error = fault(() => read(message));
			expect(error).toMatchObject({ code: "bad_type" });
			expect(error).not.toBeInstanceOf(BadField);
		}
	});

	test.each(fields)("$of: $field", ({ of, field, message }) => {
		const { good, bad } = valuesOf(of, field);
		for (const value of good) {
			expect(read({ ...message, [field]: value })).toEqual({ ...message, [field]: value } as never);
		}
		for (const value of bad) {
			if (value === undefined && isOptional(of, field)) continue;
			const error = fault(() => read({ ...message, [field]: value }));
			expect({ value, isBadField: error instanceof BadField }).toEqual({ value, isBadField: true });
			expect(error.message).toStartWith(`${of}: ${field} must be `);
			if (typeof value === "string" && value.length > 3) expect(error.message).not.toContain(value);
		}
	});
});

function fault(action: () => unknown): ProtocolError {
	try {
		action();
	} catch (error) {
		if (error instanceof ProtocolError) return error;
		throw error;
	}
	throw new Error("it came through");
}

test("an optional field may be left out", () => {
	const refused = { type: "refused", code: "too_fast", text: "not so fast" };
	expect(readServerMessage(refused)).toEqual(refused as never);
	const say = { type: "say", id: "a1", text: "hello" };
	expect(readClientMessage(say)).toEqual(say as never);
	const said = { type: "said", from: "ann", id: "a1", text: "hello" };
	expect(readRoomEvent(said)).toEqual(said);
	const roster = { type: "roster", members: [{ name: "ann", since: 1 }] };
	expect(readServerMessage(roster)).toEqual(roster as never);
});

test("a login has one proof, and neither none nor two", () => {
	const who = { type: "login", name: "ann", email: "ann@gmail.com" };
	const password = "abcdefghijklmnop";
	const [token, ticket, code] = ["ya29", TOKEN, "012345"];
	for (const proof of [{ password }, { token }, { ticket, code }]) {
		expect(readClientMessage({ ...who, ...proof })).toEqual({ ...who, ...proof } as never);
	}
	const wrong = [
		...[{}, { ticket }, { code }, { password, token }, { password, ticket, code }],
		...[
			{ token, ticket, code },
			{ password, ticket },
			{ token, code },
		],
	];
	for (const proofs of wrong) {
		const error = fault(() => readClientMessage({ ...who, ...proofs }));
		expect(error).toBeInstanceOf(BadField);
		expect(error.message).toMatch(/^login: password must be there, or token, or ticket and code/);
	}
});

test("fields that are not declared are dropped inside of fields too", () => {
	const member = { name: "ann", since: 1 };
	const next = { epoch: 2, key: KEY };
	const lost = { events: 1, told: 2 };
	const resumed = { type: "resumed", epoch: 1, key: KEY, seq: 9, resume: TOKEN };
	const read = [
		readServerMessage({ type: "roster", members: [{ ...member, later: 2 }] }),
		readServerMessage({ ...resumed, lost: { ...lost, later: 2 } }),
		readServerMessage({ type: "missed", events: [{ ...TOLD, later: 2, seq: 3 }] }),
		readBatch({ ...STAMP, events: [], next: { ...next, later: 2 } }),
	];
	expect(read as unknown[]).toEqual([
		{ type: "roster", members: [member] },
		{ ...resumed, lost },
		{ type: "missed", events: [TOLD] },
		{ events: [], next },
	]);
});

describe("a batch", () => {
	const next = { epoch: 2, key: KEY };

	test("comes through in order, with the key that follows it and nothing else", () => {
		const batch = { ...STAMP, events: ROOM_EVENTS, next, later: 1 };
		expect(readBatch(batch)).toEqual({ events: EVENTS, next } as never);
		expect(Object.keys(readBatch({ ...STAMP, events: [] }))).toEqual(["events"]);
	});

	test("numbers its events on from its own number, and all have its time", () => {
		const events = ROOM_EVENTS.slice(0, 3);
		const last = Number.MAX_SAFE_INTEGER;
		for (const [seq, at] of [
			[0, 0] as const,
			[41, 1795392000123] as const,
			[last - 3, last] as const,
		]) {
			const numbered = readBatch({ seq, at, events }).events;
			expect(numbered.map((event) => event.seq)).toEqual([seq, seq + 1, seq + 2]);
			expect(numbered.map((event) => event.at)).toEqual([at, at, at]);
		}
	});

	test("puts number and time where a bot's line has them", () => {
		expect(JSON.stringify(readBatch({ events: ROOM_EVENTS.slice(0, 2), ...STAMP }).events)).toBe(
			'[{"type":"said","seq":1,"at":2,"from":"ann","id":"a1","text":"hello","me":true},' +
				'{"type":"joined","seq":2,"at":2,"name":"ann"}]',
		);
	});

	test("does not ask its events for numbers and times of their own", () => {
		const own = ROOM_EVENTS.map((event) => ({ ...event, seq: 99, at: "then" }));
		expect(readBatch({ ...STAMP, events: own })).toEqual({ events: EVENTS } as never);
	});

	test.each(["seq", "at"])("is refused whole: %s that is not whole", (field) => {
		for (const value of NOT_WHOLE) {
			const batch = { ...STAMP, events: ROOM_EVENTS, [field]: value };
			expect({ value, ...fault(() => readBatch(batch)) }).toMatchObject({ code: "bad_message" });
		}
	});

	test("is refused whole: more events than there are numbers", () => {
		for (const seq of [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER - 4]) {
			const error = fault(() => readBatch({ seq, at: 2, events: ROOM_EVENTS }));
			expect(error.code).toBe("bad_message");
		}
	});

	test.each([
		{ what: "nothing", value: null },
		{ what: "a list", value: ROOM_EVENTS },
		{ what: "a message", value: EVENTS[0] },
		{ what: "no events", value: { ...STAMP, next } },
		{
			what: "events that are no list",
			value: { ...STAMP, events: { 0: ROOM_EVENTS[0], length: 1 } },
		},
		{ what: "an event that is none", value: { ...STAMP, events: [...ROOM_EVENTS, null] } },
		{ what: "an event of another way", value: { ...STAMP, events: [...ROOM_EVENTS, SERVER[0]] } },
		{ what: "a private line", value: { ...STAMP, events: [TOLD] } },
		{ what: "numbers and times in its events alone", value: { events: EVENTS } },
		{
			what: "a bad event among good ones",
			value: { ...STAMP, events: [{ ...ROOM_EVENTS[0], id: "" }, ...ROOM_EVENTS] },
		},
		...[
			{ what: "a next that is nothing", next: null },
			{ what: "a next without a key", next: { epoch: 2 } },
			{ what: "a next with a bad key", next: { epoch: 2, key: "secret" } },
			{ what: "a next with a bad epoch", next: { ...next, epoch: "2" } },
		].map(({ what, next }) => ({ what, value: { ...STAMP, events: ROOM_EVENTS, next } })),
	])("is refused whole: $what", ({ value }) => {
		const error = fault(() => readBatch(value));
		expect(error.code).toMatch(/^bad_(message|type|field)$/);
		expect(error.message).not.toContain("secret");
	});
});

describe("whatever JSON comes", () => {
	const known = WAYS.flatMap(({ messages }) => messages);
	const good = known.flatMap((message) => Object.values(message));
	const fieldNames = [...new Set(known.flatMap((message) => Object.keys(message)))];
	const value = fc.oneof(fc.jsonValue(), fc.constantFrom(...good), fc.string({ unit: "binary" }));
	// Mostly a known type with fields by known names: anything else ends at the first check.
	const close = fc
		.tuple(
			fc.dictionary(fc.constantFrom(...fieldNames, "__proto__", "length"), value),
			fc.constantFrom(...known),
		)
		.map(([fields, message]) => ({ ...message, ...fields, type: message.type }));

	test.each(WAYS)("$way: it is read, or refused as a breach of the wire", ({ read }) => {
		const holds = (json: unknown): void => {
			let message: unknown;
			try {
				message = read(json);
			} catch (error) {
				return void expect(error).toBeInstanceOf(ProtocolError);
			}
			expect(read(JSON.parse(JSON.stringify(message)))).toEqual(message as never);
		};
		fc.assert(fc.property(fc.oneof(fc.jsonValue(), value, close), holds), { numRuns: RUNS * 5 });
	});
});
