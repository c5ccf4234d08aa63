import { describe, expect, test } from "bun:test";
import { randomId } from "../../../lib/util/random-id.ts";
import { Fernet, generateKey } from "../../../lib/wire/crypto/fernet.ts";
import { DEFAULTS } from "../../support/defaults.ts";
import { eventually } from "../../support/eventually.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Peer } from "../../support/peer.ts";
import type { Json } from "../../support/programs.ts";
import { VISIT } from "../moderation/meeting.ts";
import { openWithBystander } from "./bystander.ts";

// How the server answers, under the session key, a first token that lets nobody in.

const { loginLine: LOGIN_LINE } = DEFAULTS;

const { stage } = await openWithBystander();

const LOGIN: Json = { type: "login", name: "eve", email: "eve@gmail.com", password: PASSWORD };

/** Checks that the server answers once, under the session key, closes and deletes the key. */
async function expectAnswer(peer: Peer, type: string, code: string, text: RegExp): Promise<void> {
	const answer = await peer.waitFor(type);
	expect(answer).toEqual({ type, code, text: expect.stringMatching(text) });
	await peer.waitUntilClosed();
	expect(peer.messages).toHaveLength(1);
	expect(peer.received).not.toContain("FERNET-CHAT");
	expect(await stage.keyFiles()).not.toContain(`${peer.id}.key`);
}

/** A token of any JSON, even of one that `send` could not number. */
const sealed = (peer: Peer, json: string): string => peer.fernet.encrypt(json);
/** A token of the login, with these fields changed. */
const holding = (fields: object) => (peer: Peer) =>
	sealed(peer, JSON.stringify({ n: 0, messages: [LOGIN], ...fields }));
const invalid = /not a valid token/;
const outOfOrder = /repeated, lost or out of order/;
const list = /must hold a count n and 1 to 64 messages, each with a type/;

const breaches: [name: string, line: (peer: Peer) => string, code: string, sentence: RegExp][] = [
	["a line too long", () => "x".repeat(LOGIN_LINE + 1), "line_too_long", /longer than 4096 bytes/],
	["an empty line", () => "", "bad_token", invalid],
	["not a token", () => JSON.stringify({ n: 0, messages: [LOGIN] }), "bad_token", invalid],
	["a truncated token", (peer) => peer.token(LOGIN).slice(0, -24), "bad_token", invalid],
	["a changed token", (peer) => changed(peer.token(LOGIN)), "bad_token", invalid],
	["a token with an epoch before it", (peer) => `0 ${peer.token(LOGIN)}`, "bad_token", invalid],
	[
		"a token of another key",
		() => strange(JSON.stringify({ n: 0, messages: [LOGIN] })),
		"bad_token",
		invalid,
	],
	["not JSON", (peer) => sealed(peer, "login please"), "bad_message", /not contain JSON/],
	[
		"not UTF-8",
		(peer) => peer.fernet.encrypt(new Uint8Array([0xff])),
		"bad_message",
		/not contain JSON/,
	],
	["nothing", (peer) => sealed(peer, ""), "bad_message", /not contain JSON/],
	["null", (peer) => sealed(peer, "null"), "bad_message", list],
	["a list", (peer) => sealed(peer, "[0]"), "bad_message", list],
	["no count", holding({ n: undefined }), "bad_count", outOfOrder],
	["a count that is ahead", holding({ n: 1 }), "bad_count", outOfOrder],
	["a count that is text", holding({ n: "0" }), "bad_count", outOfOrder],
	[
		"the login itself",
		(peer) => sealed(peer, JSON.stringify({ n: 0, ...LOGIN })),
		"bad_message",
		list,
	],
	["no messages", holding({ messages: [] }), "bad_message", list],
	["messages that are no list", holding({ messages: LOGIN }), "bad_message", list],
	["65 messages", holding({ messages: Array(65).fill({ type: "who" }) }), "bad_message", list],
	["a login that is a text", holding({ messages: [JSON.stringify(LOGIN)] }), "bad_message", list],
	["a login that is a list", holding({ messages: [[LOGIN]] }), "bad_message", list],
	["no type", (peer) => peer.token({}), "bad_message", list],
	["a type that is no text", (peer) => peer.token({ type: ["login"] }), "bad_message", list],
	[
		"an unknown type",
		(peer) => peer.token({ type: "constructor", id: "c1" }),
		"login_first",
		/must be a login/,
	],
	[
		"a type of the server's",
		(peer) => peer.token({ type: "welcome" }),
		"bad_type",
		/only in the other direction/,
	],
	["a type for members", (peer) => peer.token({ type: "who" }), "login_first", /must be a login/],
	["a ping", (peer) => peer.token({ type: "ping", private: 0 }), "login_first", /must be a login/],
];

function changed(token: string): string {
	const middle = token.length >> 1;
	return token.slice(0, middle) + (token[middle] === "A" ? "B" : "A") + token.slice(middle + 1);
}

function strange(json: string): string {
	return new Fernet(generateKey()).encrypt(json);
}

describe("instead of a login", () => {
	for (const [name, line, code, sentence] of breaches) {
		test(name, async () => {
			const peer = Peer.greeting(stage);
			peer.line(line(peer));
			await expectAnswer(peer, "closing", code, sentence);
		});
	}

	test("a second message before the answer", async () => {
		const peer = Peer.greeting(stage);
		peer.line(`${peer.token(LOGIN)}\n${peer.token({ type: "who" })}`);
		await expectAnswer(peer, "closing", "too_early", /^Wait for the answer/);
		// Gmail may still say yes to the first message, but that must let nobody in.
		const again = await Peer.member(stage, "eve");
		expect(await again.waitFor("welcome")).toMatchObject({
			members: [
				["bystander", VISIT],
				["eve", VISIT],
			],
		});
		again.send({ type: "leave" });
		await again.waitUntilClosed();
	});
});

const shapes: [name: string, fields: object, sentence: RegExp][] = [
	["no name", { name: undefined }, /name must be 1 to 24/],
	["an empty name", { name: "" }, /name must be/],
	["a name too long", { name: "e".repeat(25) }, /name must be/],
	["a name with a space", { name: "e ve" }, /name must be/],
	["a name from another script", { name: "\u0435ve" }, /name must be/],
	["a name that stands for the reader", { name: "You" }, /name must be .* \(you, all, /],
	["a name that stands for the whole room", { name: "a11" }, /none that the room itself writes/],
	["a name like the mark of a private line", { name: "PR1VATE" }, /name must be/],
	["a name like the mark of an announcement", { name: "announcement" }, /name must be/],
	["a name like the mark of a note", { name: "_." }, /name must be .* not punctuation alone/],
	["such a name and punctuation", { name: "PRIVATE." }, /name must be/],
	["a name that is a number", { name: 5 }, /name must be/],
	["an address without @", { email: "eve" }, /email must be an address/],
	["an address with a line break", { email: "eve\r\n@gmail.com" }, /email must be/],
	["an address that is a list", { email: ["eve@gmail.com"] }, /email must be/],
	["no password", { password: undefined }, /password must be/],
	["an empty password", { password: "" }, /password must be/],
	["a password with NUL", { password: `x\0${PASSWORD}` }, /password must be/],
	["a password with a line break", { password: `${PASSWORD}\r\nQUIT` }, /password must be/],
	["a password too long", { password: "x".repeat(257) }, /password must be 1 to 256/],
];

describe("a login with", () => {
	for (const [name, fields, sentence] of shapes) {
		test(`${name} is denied, and the mailbox is not asked`, async () => {
			const asked = stage.logins.length;
			const peer = Peer.greeting(stage);
			peer.send({ ...LOGIN, ...fields });
			await expectAnswer(peer, "denied", "bad_field", sentence);
			expect(peer.messages[0]?.text).not.toContain(PASSWORD);
			expect(stage.logins).toHaveLength(asked);
		});
	}

	test("a resume token that nobody was given is denied", async () => {
		for (const token of [randomId(), "0".repeat(32)]) {
			const peer = Peer.greeting(stage);
			peer.send({ type: "resume", token, seq: 0, private: 0 });
			await expectAnswer(peer, "denied", "resume_expired", /no longer knows you/);
		}
	});

	test("a resume that is not what it must be is denied", async () => {
		const good = { type: "resume", token: randomId(), seq: 0, private: 0 };
		for (const fields of [
			{ token: "secret" },
			{ seq: -1 },
			{ private: "0" },
			{ token: undefined },
		]) {
			const peer = Peer.greeting(stage);
			peer.send({ ...good, ...fields });
			const [field] = Object.keys(fields);
			await expectAnswer(peer, "denied", "bad_field", new RegExp(`resume: ${field} must be`));
		}
	});

	test("a wrong password is denied", async () => {
		const peer = Peer.greeting(stage);
		peer.send({ ...LOGIN, password: "wrongwrongwrongw" });
		await expectAnswer(peer, "denied", "wrong_password", /rejected this address and password/);
	});
});

/** Logs in `offset` seconds from now, early in a second that the server also sees. */
async function loginFrom(offset: number): Promise<Peer> {
	await eventually("the beginning of a second", () => Date.now() % 1000 < 200);
	const peer = Peer.greeting(stage);
	peer.line(peer.token(LOGIN, { now: Math.floor(Date.now() / 1000) + offset }));
	return peer;
}

test.each(["abcdefghijklmno\ud800", "\udc00abcdefghijklmno", "\udfff\ud800"])(
	"a password that has no UTF-8 is denied before the mail server sees it: %j",
	async (password) => {
		const asked = stage.logins.length;
		const peer = Peer.greeting(stage);
		peer.send({ ...LOGIN, password });
		await expectAnswer(peer, "denied", "bad_field", /password must be/);
		expect(stage.logins).toHaveLength(asked);
	},
);

describe("a clock that is off by", () => {
	const denied: [offset: number, sentence: RegExp][] = [
		[-61, /61 s behind/],
		[61, /61 s ahead/],
		[-3600, /3600 s behind/],
	];
	for (const [offset, sentence] of denied) {
		test(`${offset} s is denied, and told by how much`, async () => {
			await expectAnswer(await loginFrom(offset), "denied", "clock_skew", sentence);
		});
	}

	for (const offset of [-60, 60]) {
		test(`${offset} s is accepted`, async () => {
			const peer = await loginFrom(offset);
			await peer.waitFor("welcome");
			peer.send({ type: "leave" });
			await peer.waitUntilClosed();
		});
	}

	test("an hour says nothing of the clock under a strange key", async () => {
		const peer = Peer.greeting(stage);
		const token = new Fernet(generateKey()).encrypt(JSON.stringify({ n: 0, messages: [LOGIN] }), {
			now: 0,
		});
		peer.line(token);
		await expectAnswer(peer, "closing", "bad_token", invalid);
		expect(peer.messages[0]?.text).not.toContain("clock_skew");
	});
});
