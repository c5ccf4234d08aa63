import { describe, expect, test } from "bun:test";
import { LIMITS } from "../../../lib/server/limits/limits.ts";
import { randomId } from "../../../lib/util/random-id.ts";
import { Channel } from "../../../lib/wire/channel.ts";
import { generateKey, InvalidKey } from "../../../lib/wire/fernet.ts";
import {
	type ClientMessage,
	MAX_TEXT_BYTES,
	readClientMessage,
	readServerMessage,
	type ServerMessage,
} from "../../../lib/wire/messages.ts";
import { BadField } from "../../../lib/wire/schema.ts";
import { MAX_SERVER_LINE } from "../../../lib/wire/server-line.ts";
import { breach, CLOSING, fernet, KEY, server, token } from "./channel-samples.ts";

const WHO = { type: "who" } as const;
const client = (key = KEY) => new Channel<ServerMessage, ClientMessage>(key, readServerMessage);

const inside = (sealed: string): unknown =>
	JSON.parse(Buffer.from(fernet.decrypt(sealed)).toString());

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
