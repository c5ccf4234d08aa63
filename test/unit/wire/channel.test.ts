import { describe, expect, test } from "bun:test";
import { LIMITS } from "../../../lib/server/limits/limits.ts";
import { randomId } from "../../../lib/util/random-id.ts";
import { Channel } from "../../../lib/wire/channel.ts";
import { Fernet, generateKey, InvalidKey } from "../../../lib/wire/fernet.ts";
import { clearError, hello, readClearError, readHello } from "../../../lib/wire/hello.ts";
import {
	type ClientMessage,
	MAX_TEXT_BYTES,
	type RoomEvent,
	readClientMessage,
	readServerMessage,
	type ServerMessage,
} from "../../../lib/wire/messages.ts";
import { ProtocolError } from "../../../lib/wire/reason.ts";
import { RoomKey } from "../../../lib/wire/room-key.ts";
import { BadField } from "../../../lib/wire/schema.ts";
import {
	isSessionLine,
	MAX_SERVER_LINE,
	readServerLine,
	sessionLine,
} from "../../../lib/wire/server-line.ts";

const KEY = generateKey();
const fernet = new Fernet(KEY);
const WHO = { type: "who" } as const;
const CLOSING = { type: "closing", code: "left", text: "you have left" } as const;

const client = (key = KEY) => new Channel<ServerMessage, ClientMessage>(key, readServerMessage);
const server = (key = KEY) => new Channel<ClientMessage, ServerMessage>(key, readClientMessage);

/** A token with whatever in it, as a peer that means ill would make it. */
const token = (value: unknown): string => fernet.encrypt(JSON.stringify(value));
const inside = (sealed: string): unknown =>
	JSON.parse(Buffer.from(fernet.decrypt(sealed)).toString());

function breach(action: () => unknown): ProtocolError {
	try {
		action();
	} catch (error) {
		if (error instanceof ProtocolError) return error;
		throw error;
	}
	throw new Error("it passed");
}

describe("a channel", () => {
	test("carries messages both ways, each side counting its own from 0", () => {
		const [ours, theirs] = [client(), server()];
		for (let n = 0; n < 3; n++) {
			const said = { type: "say", id: `a${n}`, text: "Grüße, 世界 ✓ \u0000\n" } as const;
			const sealed = ours.seal(said);
			expect(inside(sealed)).toEqual({ n, ...said });
			expect(theirs.open(sealed)).toEqual(said);
		}
		const answer = theirs.seal(CLOSING);
		expect(inside(answer)).toEqual({ n: 0, ...CLOSING });
		expect(ours.open(answer)).toEqual(CLOSING);
	});

	test("opens nothing twice", () => {
		const [ours, theirs] = [client(), server()];
		const first = ours.seal(WHO);
		expect(theirs.open(first)).toEqual(WHO);
		expect(breach(() => theirs.open(first)).code).toBe("bad_count");
	});

	test("opens nothing out of order, and nothing after a gap", () => {
		const ours = client();
		const [first, second, third] = [ours.seal(WHO), ours.seal(WHO), ours.seal(WHO)];
		expect(breach(() => server().open(second)).code).toBe("bad_count");
		const theirs = server();
		theirs.open(first);
		expect(breach(() => theirs.open(third)).code).toBe("bad_count");
	});

	test("starts at 0 and at nothing like it", () => {
		for (const n of [1, -1, 0.5, "0", "", null, [0], { n: 0 }, false, true]) {
			expect(breach(() => server().open(token({ n, ...WHO }))).code).toBe("bad_count");
		}
	});

	test("opens nothing that it sealed itself, though the count is right", () => {
		const ours = client();
		expect(breach(() => ours.open(ours.seal(WHO))).code).toBe("bad_type");
		const theirs = server();
		expect(breach(() => theirs.open(theirs.seal(CLOSING))).code).toBe("bad_type");
	});

	test("opens nothing of another key", () => {
		const sealed = client().seal(WHO);
		expect(breach(() => server(generateKey()).open(sealed)).code).toBe("bad_token");
	});

	test("opens nothing cut short or added to", () => {
		const sealed = client().seal(WHO);
		for (let end = 0; end < sealed.length; end++) {
			expect(breach(() => server().open(sealed.slice(0, end))).code).toBe("bad_token");
		}
		for (const wrong of [` ${sealed}`, `${sealed}\r`, `0 ${sealed}`, "GET / HTTP/1.1\r"]) {
			expect(breach(() => server().open(wrong)).code).toBe("bad_token");
		}
	});

	test.each(["", "who", "{", '{"n":0,"type":"who"', "NaN", '{"n":0,"type":"who"}}', '{"n":0}\0'])(
		"opens no JSON that is none: %j",
		(text) => {
			const error = breach(() => server().open(fernet.encrypt(text)));
			expect(error.code).toBe("bad_message");
			expect(error).not.toBeInstanceOf(BadField);
		},
	);

	test("opens no bytes that are not UTF-8", () => {
		const head = Buffer.from('{"n":0,"type":"say","id":"a","text":"');
		for (const wrong of ["ff", "c080", "eda080", "e282", "f4908080"]) {
			const json = Buffer.concat([head, Buffer.from(wrong, "hex"), Buffer.from('"}')]);
			expect(breach(() => server().open(fernet.encrypt(json))).code).toBe("bad_message");
		}
	});

	test("opens no JSON of another shape", () => {
		const shapes = [null, 0, "who", true, [], [{ n: 0, ...WHO }], {}, WHO, { N: 0, ...WHO }];
		const untyped = [undefined, 1, ["who"], null, { who: 0 }].map((type) => ({ n: 0, type }));
		for (const value of [...shapes, ...untyped]) {
			expect(breach(() => server().open(token(value))).code).toBe("bad_message");
		}
	});

	test("counts a message with a bad field, so that the next one is in order", () => {
		const theirs = server();
		const bad = token({ n: 0, type: "say", id: "a", text: "" });
		expect(() => theirs.open(bad)).toThrow(BadField);
		expect(theirs.open(token({ n: 1, ...WHO }))).toEqual(WHO);
	});

	test("is not made of a key that is none", () => {
		expect(() => client("secret")).toThrow(InvalidKey);
	});
});

describe("a room key", () => {
	const EVENTS = JSON.stringify([{ type: "left", name: "ann" }] satisfies RoomEvent[]);
	const sealed = (key: RoomKey): Buffer => key.seal({ seq: 7, at: 1 }, EVENTS);
	const tokenOf = (line: Buffer): string => readServerLine(line.toString().trimEnd())?.token ?? "";

	test("seals one line that every holder of the key opens", () => {
		const room = new RoomKey(12, KEY);
		const line = sealed(room).toString("latin1");
		expect(line).toMatch(/^12 gAAAA[\w-]+={0,2}\n$/);
		expect(new RoomKey(12, KEY).open(tokenOf(sealed(room)))).toEqual({
			events: [{ type: "left", seq: 7, at: 1, name: "ann" }],
		});
	});

	test("gives the next one along, where there are readers who know only that", () => {
		const room = new RoomKey(12, KEY);
		const { epoch, key } = room.next();
		const line = room.seal({ seq: 7, at: 1, next: { epoch, key } }, EVENTS);
		expect(room.open(tokenOf(line))).toEqual({
			events: [{ type: "left", seq: 7, at: 1, name: "ann" }],
			next: { epoch, key },
		});
	});

	test("is followed by one that has nothing to do with it", () => {
		const room = new RoomKey(12, KEY);
		const next = room.next();
		expect(next.epoch).toBe(13);
		expect(next.key).not.toBe(room.key);
		expect(breach(() => room.open(tokenOf(sealed(next)))).code).toBe("bad_token");
		expect(breach(() => next.open(tokenOf(sealed(room)))).code).toBe("bad_token");
	});

	test("opens no batch of another shape", () => {
		const stamp = { seq: 1, at: 2 };
		const shapes = [{ events: [] }, { ...stamp, events: {} }, { ...stamp, events: [{}] }];
		for (const value of [null, [], {}, ...shapes, { n: 0, ...CLOSING }]) {
			expect(breach(() => new RoomKey(1, KEY).open(token(value))).code).toBe("bad_message");
		}
	});
});

describe("the largest message of each kind fits into a line", () => {
	const name = "n".repeat(24);
	const email = `${"e".repeat(64)}@${"d".repeat(180)}.example`;

	test("of a client", () => {
		const login = { type: "login", name, email, password: "\ud83d\ude00".repeat(256) } as const;
		expect(readClientMessage(login)).toEqual(login);
		expect(client().seal(login).length).toBeLessThanOrEqual(LIMITS.loginLine.default);
		const say = { type: "say", id: "i".repeat(36), text: "\u0000".repeat(MAX_TEXT_BYTES) } as const;
		expect(readClientMessage(say)).toEqual(say);
		const tell = { ...say, type: "tell", to: name } as const;
		expect(readClientMessage(tell)).toEqual(tell);
		for (const message of [{ ...say, me: true } as const, tell]) {
			expect(client().seal(message).length).toBeLessThanOrEqual(LIMITS.messageLine.default);
		}
		const resume = {
			type: "resume",
			token: randomId(),
			seq: 2 ** 53 - 1,
			told: 2 ** 53 - 1,
		} as const;
		expect(readClientMessage(resume)).toEqual(resume);
		expect(client().seal(resume).length).toBeLessThanOrEqual(LIMITS.loginLine.min);
	});

	const max = LIMITS.maxMembers.max;
	const since = Date.now();
	const address = `a***@${"d".repeat(180)}.example`;
	const [many, usual] = [Array<string>(max).fill(name), LIMITS.maxMembers.default];
	const place = { epoch: 2 ** 50, key: KEY, resume: randomId() };
	const messages: [what: string, message: ServerMessage][] = [
		["its roster", { type: "roster", members: many.map((name) => ({ name, since })) }],
		[
			"its roster, with what is shown of Gmail's addresses",
			{ type: "roster", members: many.map((name) => ({ name, since, address: "a***@gmail.com" })) },
		],
		[
			"the roster of a usual room, with the longest addresses",
			{ type: "roster", members: many.slice(0, usual).map((name) => ({ name, since, address })) },
		],
		["its welcome", { type: "welcome", ...place, name, seq: 2 ** 53 - 1, members: many, grace: 1 }],
	];
	test.each(messages)("of a server with as many members as there may be: %s", (_, message) => {
		expect(readServerMessage(message)).toEqual(message);
		expect(`0 ${server().seal(message)}`.length).toBeLessThanOrEqual(MAX_SERVER_LINE);
	});
});

describe("in clear", () => {
	test("a hello is read as it was said", () => {
		const id = randomId();
		expect(readHello(hello(id))).toEqual({ id, key: undefined });
		expect(hello(id)).toBe(`FERNET-CHAT/1 ${id}`);
		expect(readHello(hello(id, KEY))).toEqual({ id, key: KEY });
		expect(hello(id, KEY)).toBe(`FERNET-CHAT/1 ${id} ${KEY}`);
	});

	const ID = "0123456789abcdef0123456789abcdef";
	test.each([
		["GET / HTTP/1.1\r", "not_fernet_chat"],
		["", "not_fernet_chat"],
		[ID, "not_fernet_chat"],
		["FERNET-CHAT/1", "not_fernet_chat"],
		["FERNET-CHAT/1 ", "not_fernet_chat"],
		[` FERNET-CHAT/1 ${ID}`, "not_fernet_chat"],
		[`fernet-chat/1 ${ID}`, "not_fernet_chat"],
		[`FERNET-CHAT/1  ${ID}`, "not_fernet_chat"],
		[`FERNET-CHAT/1 ${ID} `, "not_fernet_chat"],
		[`FERNET-CHAT/1 ${ID}\r`, "not_fernet_chat"],
		[`FERNET-CHAT/1 ${ID} a b`, "not_fernet_chat"],
		[`FERNET-CHAT/1 ${"a".repeat(65)}`, "not_fernet_chat"],
		["\u0016\u0003\u0001\u0002", "not_fernet_chat"],
		[`FERNET-CHAT/2 ${ID}`, "bad_version"],
		[`FERNET-CHAT/01 ${ID}`, "bad_version"],
		[`FERNET-CHAT/1 ${ID.slice(1)}`, "bad_session_id"],
		[`FERNET-CHAT/1 ${ID.toUpperCase()}`, "bad_session_id"],
		["FERNET-CHAT/1 ../../../etc/passwd", "bad_session_id"],
		[`FERNET-CHAT/1 ${ID} ${KEY} ${KEY}`, "not_fernet_chat"],
	])("no hello: %j", (line, code) => {
		const error = breach(() => readHello(line));
		expect(error.code).toBe(code);
		expect(Bun.inspect(error)).not.toContain(KEY);
	});

	test("an error is read as it was said", () => {
		const line = clearError({ code: "login_timeout", text: "no key file came in time" });
		expect(line).toBe("FERNET-CHAT/1 error login_timeout no key file came in time");
		expect(readClearError(line)).toEqual({
			code: "login_timeout",
			text: "no key file came in time",
		});
		const longest = clearError({ code: "bad_key_file", text: "x".repeat(1024) });
		expect(readClearError(longest)?.text).toHaveLength(1024);
	});

	test.each([
		"",
		"0 gAAAA",
		"FERNET-CHAT/1 error",
		"FERNET-CHAT/1 error busy",
		"FERNET-CHAT/1 error busy ",
		"FERNET-CHAT/2 error busy try later",
		"FERNET-CHAT/1 Error busy try later",
		"FERNET-CHAT/1 error BUSY try later",
		" FERNET-CHAT/1 error busy try later",
		"FERNET-CHAT/1 error busy try later\r",
		"FERNET-CHAT/1 error busy \u001b[31mred",
		"FERNET-CHAT/1 error busy \u0085 \u009b31m",
		`FERNET-CHAT/1 error busy ${"x".repeat(1025)}`,
		`FERNET-CHAT/1 error ${"a".repeat(41)} x`,
		"HTTP/1.1 400 Bad Request\r",
	])("no error in clear: %j", (line) => {
		expect(readClearError(line)).toBeNull();
	});

	test("a server's line under the session key is told from one under a room key", () => {
		const ours = sessionLine(server().seal(CLOSING));
		expect(isSessionLine(ours)).toBe(true);
		expect(readServerLine(ours.toString("latin1").slice(0, -1))?.epoch).toBe(0);
		expect(ours.indexOf("\n")).toBe(ours.length - 1);
		for (const epoch of [1, 10, 900]) {
			expect(isSessionLine(new RoomKey(epoch, KEY).seal({ seq: 1, at: 2 }, "[]"))).toBe(false);
		}
	});

	test.each([
		["0 gAAAA", { epoch: 0, token: "gAAAA" }],
		["1 gAAAA", { epoch: 1, token: "gAAAA" }],
		["999999999999999 x", { epoch: 999_999_999_999_999, token: "x" }],
	])("a server's line: %j", (line, read) => {
		expect(readServerLine(line)).toEqual(read);
	});

	test.each([
		...["", " ", "0", "1", "12", "00", "gAAAA", " gAAAA", "- x", "-1 x", "+1 x", "01 x", "1.0 x"],
		...[
			"1e3 x",
			"0x1 x",
			"\u0661 x",
			"1 ",
			"1\t x",
			" 1 x",
			"1000000000000000 x",
			"HTTP/1.1 400 Bad",
		],
	])("no server's line: %j", (line) => {
		expect(readServerLine(line)).toBeNull();
	});
});
