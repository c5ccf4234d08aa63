import { describe, expect, test } from "bun:test";
import { randomId } from "../../../lib/util/random-id.ts";
import { Fernet, generateKey } from "../../../lib/wire/crypto/fernet.ts";
import { DEFAULTS } from "../../support/defaults.ts";
import { eventually } from "../../support/eventually.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Peer } from "../../support/peer.ts";
import { openWithBystander } from "./bystander.ts";

// How the server answers a member that breaks the protocol or sends an invalid field.

const { messageLine: MESSAGE_LINE } = DEFAULTS;

// With a grace of 0, a member whose connection breaks has left at once.
const { stage, bystander, spoken } = await openWithBystander("--grace", "0");

/** An id that no other test has used: the room takes each id of an account only once. */
const mark = (word: string): string => `${word}-${spoken()}`;
const say = (word: string) => ({ type: "say", id: mark(word), text: `I say ${mark(word)}` });

/** Waits for an echo: the one receipt there is. */
const waitForEcho = (peer: Peer, word: string) =>
	eventually(`the echo of ${word}`, () => peer.messages.find(({ id }) => id === mark(word)));

/** Checks that the server closes under the session key, deletes it and tells the others. */
async function expectClosing(peer: Peer, code: string, sentence: RegExp): Promise<void> {
	const { seq: before } = await bystander.waitFor({ type: "said", text: `line ${spoken()}` });
	const closing = await peer.waitFor("closing");
	expect(closing.code).toBe(code);
	expect(closing.text).toMatch(sentence);
	await peer.waitUntilClosed();
	expect(peer.received).not.toContain("FERNET-CHAT");
	expect(await stage.keyFiles()).toHaveLength(1);
	await eventually("the others told", () =>
		bystander.lines.find(
			({ type, name, seq }) =>
				type === "left" && name === "mallory" && Number(seq) > Number(before),
		),
	);
}

/** The tokens that the server has sent under the session key. */
const sessionTokens = (peer: Peer): string[] =>
	peer.received.split("\n").flatMap((line) => (line.startsWith("0 ") ? [line.slice(2)] : []));

/** Sends three tokens in the given order. */
function shuffled(peer: Peer, ...order: number[]): void {
	const tokens = ["a", "b", "c"].map((id) => peer.token(say(id)));
	for (const index of order) peer.line(tokens[index] ?? "");
}

const outOfOrder = /repeated, lost or out of order/;
const invalid = /not a valid token/;
const noMessages = /must hold a count n and 1 to 64 messages, each with a type/;
const tooLong = new RegExp(`longer than ${MESSAGE_LINE} bytes`);
type Breach = [name: string, act: (peer: Peer) => unknown, code: string, sentence: RegExp];
const breaches: Breach[] = [
	["a line too long", (peer) => peer.line("x".repeat(MESSAGE_LINE + 1)), "line_too_long", tooLong],
	["no newline", (peer) => peer.raw("x".repeat(MESSAGE_LINE + 1)), "line_too_long", tooLong],
	["the longest line", (peer) => peer.line("x".repeat(MESSAGE_LINE)), "bad_token", invalid],
	["an empty line", (peer) => peer.line(""), "bad_token", invalid],
	["words in clear", (peer) => peer.line("hello everybody"), "bad_token", invalid],
	[
		"a truncated token",
		(peer) => peer.line(peer.token(say("a")).slice(0, -1)),
		"bad_token",
		invalid,
	],
	["half a token", (peer) => peer.line(peer.token(say("a")).slice(0, 64)), "bad_token", invalid],
	["a token of another key", strange, "bad_token", invalid],
	[
		"a token with a CR after it",
		(peer) => peer.line(`${peer.token(say("a"))}\r`),
		"bad_token",
		invalid,
	],
	["a replayed token", (peer) => shuffled(peer, 0, 0), "bad_count", outOfOrder],
	["reordered tokens", (peer) => shuffled(peer, 1, 0), "bad_count", outOfOrder],
	["a token left out", (peer) => shuffled(peer, 0, 2), "bad_count", outOfOrder],
	["the login replayed", replayLogin, "bad_count", outOfOrder],
	["the welcome reflected", (peer) => reflect(peer, 0), "bad_count", outOfOrder],
	[
		"a rekey reflected where its count fits",
		reflectRekey,
		"bad_type",
		/only in the other direction/,
	],
	["a room token reflected", reflectRoom, "bad_token", invalid],
	[
		"not JSON",
		(peer) => peer.line(peer.fernet.encrypt("hello")),
		"bad_message",
		/not contain JSON/,
	],
	["a list", (peer) => peer.line(peer.fernet.encrypt("[1]")), "bad_message", noMessages],
	["a message and no list", bare, "bad_message", noMessages],
	["no type", (peer) => peer.send({}), "bad_message", noMessages],
	["no count", (peer) => uncounted(peer), "bad_count", outOfOrder],
	["a count that is text", (peer) => uncounted(peer, `${peer.n}`), "bad_count", outOfOrder],
	[
		"a type of the server's",
		(peer) => peer.send({ type: "closing" }),
		"bad_type",
		/only in the other direction/,
	],
	["a second login", loginAgain, "already_logged_in", /already logged in/],
	[
		"a resume, although it is here",
		(peer) => peer.send({ type: "resume", token: randomId(), seq: 0, private: 0 }),
		"already_logged_in",
		/already logged in/,
	],
];

function strange(peer: Peer): void {
	const json = JSON.stringify({ n: peer.n, messages: [say("a")] });
	peer.line(new Fernet(generateKey()).encrypt(json));
}

function bare(peer: Peer): void {
	peer.line(peer.fernet.encrypt(JSON.stringify({ n: peer.n, ...say("a") })));
}

function uncounted(peer: Peer, n?: unknown): void {
	peer.line(peer.fernet.encrypt(JSON.stringify({ n, messages: [say("a")] })));
}

function loginAgain(peer: Peer): void {
	peer.send({ type: "login", name: "eve", email: "eve@gmail.com", password: PASSWORD });
}

/** Sends the login again under its old number, which the server must notice. */
function replayLogin(peer: Peer): void {
	peer.n = 0;
	loginAgain(peer);
}

function reflect(peer: Peer, index: number): void {
	peer.line(sessionTokens(peer)[index] ?? "");
}

/** Reflects the rekey after somebody left: its number, 1, is also the peer's next one. */
async function reflectRekey(peer: Peer): Promise<void> {
	const other = await Peer.member(stage, "other");
	other.send({ type: "leave" });
	await peer.waitFor("rekey");
	const token = peer.fernet.decrypt(sessionTokens(peer)[1] ?? "");
	expect(JSON.parse(Buffer.from(token).toString())).toMatchObject({ n: peer.n });
	reflect(peer, 1);
}

async function reflectRoom(peer: Peer): Promise<void> {
	peer.send(say("a"));
	await waitForEcho(peer, "a");
	const line = peer.received.split("\n").find((line) => /^[1-9]\d* /.test(line)) ?? "";
	peer.line(line.slice(line.indexOf(" ") + 1));
}

describe("a member who sends", () => {
	for (const [name, act, code, sentence] of breaches) {
		test(name, async () => {
			const peer = await Peer.member(stage, "mallory");
			await act(peer);
			await expectClosing(peer, code, sentence);
		});
	}

	test("no newline for ever", async () => {
		const peer = await Peer.member(stage, "mallory");
		await eventually("the hanging up", () => {
			peer.raw("x".repeat(4096));
			return peer.messages.some(({ type }) => type === "closing");
		});
		await expectClosing(peer, "line_too_long", tooLong);
	});

	test("a breach is heard up to the breach, and no further", async () => {
		const peer = await Peer.member(stage, "mallory");
		peer.raw(`${peer.token(say("before"))}\nbreach\n${peer.token(say("after"))}\n`);
		await expectClosing(peer, "bad_token", invalid);
		await bystander.waitFor({ type: "said", from: "mallory", id: mark("before") });
		expect(bystander.out).not.toContain("I say after");
	});
});

const unusable: [name: string, fields: object, sentence: RegExp][] = [
	["no text", { text: undefined }, /text must be 1 to 8192 bytes/],
	["an empty text", { text: "" }, /text must be/],
	["a text that is a number", { text: 5 }, /text must be/],
	["a text too long", { text: "x".repeat(8193) }, /text must be/],
	["a text too long in bytes alone", { text: "é".repeat(4097) }, /text must be/],
	["a text that is no Unicode", { text: "\ud800" }, /text must be/],
	["no id", { id: undefined }, /id must be 1 to 36/],
	["an id too long", { id: "x".repeat(37) }, /id must be/],
	["an id with a space", { id: "a b" }, /id must be/],
];

test("a say that is not what it must be is refused, and its sender stays", async () => {
	const peer = await Peer.member(stage, "mallory");
	for (const [name, fields] of unusable)
		peer.send({ ...say(name.replaceAll(" ", "-")), ...fields });
	peer.send(say("good"));
	await waitForEcho(peer, "good");
	const refused = peer.messages.filter(({ type }) => type === "refused");
	const expected = unusable.map(([name, fields, sentence]) => {
		const id = "id" in fields ? {} : { id: mark(name.replaceAll(" ", "-")) };
		return { type: "refused", code: "bad_field", text: expect.stringMatching(sentence), ...id };
	});
	expect(refused).toEqual(expected);
	expect(peer.messages.filter(({ type }) => type === "said")).toHaveLength(1);
	peer.send({ type: "leave" });
	await expectClosing(peer, "left", /left the room/);
});

test("the longest text is said, whatever its characters", async () => {
	const longest = {
		letters: "x".repeat(8192),
		emoji: "🦜".repeat(2048),
		// Six bytes each in JSON.
		control: "\u0001".repeat(8192),
	};
	const peer = await Peer.member(stage, "mallory");
	for (const [word, text] of Object.entries(longest)) {
		peer.send({ ...say(word), text });
		expect((await waitForEcho(peer, word)).text).toBe(text);
	}
	peer.send({ type: "leave" });
	await expectClosing(peer, "left", /left the room/);
});
