import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Fernet } from "../../../lib/wire/crypto/fernet.ts";
import { eventually } from "../../support/eventually.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Peer } from "../../support/peer.ts";
import { type Json, Stage } from "../../support/programs.ts";
import { WireReader } from "../../support/wire-reader.ts";

// Private lines, as they cross the wire.

let stage: Stage;
let ann: Peer;
let bob: Peer;

beforeAll(async () => {
	stage = await Stage.local("--grace", "0");
	ann = await Peer.member(stage, "ann");
	bob = await meet("bob");
});

afterAll(() => stage[Symbol.asyncDispose]());

const say = (id: string, text = id): object => ({ type: "say", id, text });
/** `visit` is by default that of the member whom ann knows by this name. */
const tell = (id: string, to: string, text = id, visit = ann.visitOf(to)): object => {
	return { type: "tell", id, to, visit, text };
};
const all = (peer: Peer, id: string): Json[] => peer.messages.filter((each) => each.id === id);
const waitForId = (peer: Peer, id: string): Promise<Json> =>
	eventually(
		id,
		() => all(peer, id)[0],
		() => JSON.stringify(peer.messages.slice(-10)),
	);

/** A member joins, and ann has heard of it. */
async function meet(name: string): Promise<Peer> {
	const peer = await Peer.member(stage, name);
	await eventually(`ann meets ${name}`, () => ann.visitOf(name));
	return peer;
}

let marks = 0;
/** Waits until the server has handled all that the peer sent, and everybody has heard it. */
async function settle(peer: Peer, ...others: Peer[]): Promise<void> {
	const id = `mark-${++marks}`;
	peer.send(say(id));
	await Promise.all([ann, bob, ...others].map((each) => waitForId(each, id)));
}

test("the reader and the author hear it, with its time and the words as they were", async () => {
	const text = "nur für dich\n\u{1f99c} \x1b[2J";
	ann.send(tell("first", "bob", text));
	const [read, echo] = [await waitForId(bob, "first"), await waitForId(ann, "first")];
	const told = { type: "told", id: "first", from: "ann", to: "bob", text };
	expect(read).toEqual({ ...told, at: expect.any(Number) });
	expect(echo).toEqual(read);
	expect(Math.abs(Date.now() - Number(read.at))).toBeLessThan(60_000);
	await settle(ann);
	expect([all(ann, "first").length, all(bob, "first").length]).toEqual([1, 1]);
});

test("it stands in the room's order, for its reader and for its author", async () => {
	const ids = Array.from({ length: 60 }, (_, index) => `ordered-${index}`);
	// Two of three lines are private; one write puts all of them into one turn of the server.
	const tokens = ids.map((id, index) => ann.token(index % 3 === 0 ? say(id) : tell(id, "bob")));
	ann.raw(`${tokens.join("\n")}\n`);
	await settle(ann);
	for (const peer of [ann, bob]) {
		const heard = peer.messages.filter(({ id }) => String(id).startsWith("ordered-"));
		expect(heard.map(({ id }) => id)).toEqual(ids);
		const types = ids.map((_, index) => (index % 3 === 0 ? "said" : "told"));
		expect(heard.map(({ type }) => type)).toEqual(types);
		// The room's own numbers have no gap that would give away a private line.
		const numbers = peer.messages.flatMap(({ seq, key }) => (seq && !key ? [Number(seq)] : []));
		expect(numbers).toEqual(numbers.map((_, index) => Number(numbers[0]) + index));
	}
});

test("however two talk at once, both have one order of it", async () => {
	for (let index = 0; index < 100; index++) {
		bob.send(say(`both-bob-${index}`));
		ann.send(tell(`both-ann-${index}`, "bob"));
		// Now and then the server gets a turn in between.
		if (index % 10 === 0) await waitForId(ann, `both-bob-${index}`);
	}
	await Promise.all([settle(ann), settle(bob)]);
	const idsOf = (peer: Peer) =>
		peer.messages.flatMap(({ id }) => (String(id).startsWith("both-") ? [id] : []));
	expect(idsOf(ann)).toHaveLength(200);
	expect(idsOf(bob)).toEqual(idsOf(ann));
});

/** Every key that a member has ever had: its own, and the room's. */
function keysOf(peer: Peer): Fernet[] {
	const reader = new WireReader(peer.fernet);
	const keys = new Set([peer.fernet]);
	for (const line of peer.received.trimEnd().split("\n")) {
		reader.read(line);
		if (reader.roomKey) keys.add(reader.roomKey.fernet);
	}
	return [...keys];
}

/** Tries all keys on all that somebody else received, whatever epoch a line names. */
function openedBy(keys: Fernet[], received: string): string {
	const tokens = received.split("\n").flatMap((line) => line.split(" ")[1] ?? []);
	const open = (key: Fernet, token: string): string => {
		try {
			return Buffer.from(key.decrypt(token)).toString();
		} catch {
			return "";
		}
	};
	return tokens.flatMap((token) => keys.map((key) => open(key, token))).join("\n");
}

test("a third member opens none of it with any key, and hears nothing at all", async () => {
	const carol = await Peer.member(stage, "carol");
	// A member that comes or goes brings a new room key.
	const dave = await Peer.member(stage, "dave");
	dave.end();
	await carol.waitFor("rekey");
	const lines = () => carol.received.split("\n").length;
	await settle(ann, carol);
	const before = lines();
	for (const id of ["secret-1", "secret-2"]) ann.send(tell(id, "bob", "rhubarb"));
	bob.send(tell("secret-3", "ann", "rhubarb"));
	await Promise.all([waitForId(bob, "secret-2"), waitForId(ann, "secret-3")]);
	ann.send(say("aloud", "custard"));
	await waitForId(carol, "aloud");
	expect(lines()).toBe(before + 1);

	const keys = keysOf(carol);
	expect(keys.length).toBeGreaterThanOrEqual(4);
	for (const { received, fernet } of [ann, bob]) {
		expect(openedBy([fernet], received)).toContain("rhubarb");
		expect(openedBy(keys, received)).toContain("custard");
		expect(openedBy(keys, received)).not.toContain("rhubarb");
	}
	carol.end();
});

test("an id is told once, and to nobody else", async () => {
	const eve = await Peer.member(stage, "eve");
	eve.send(tell("once", "bob", "the first time"));
	eve.send(tell("once", "bob", "the second time"));
	eve.send(tell("once", "ann", "to another"));
	eve.send(say("once", "to all"));
	await waitForId(eve, "once");
	await settle(eve);
	expect(all(bob, "once").map(({ text }) => text)).toEqual(["the first time"]);
	expect(all(ann, "once")).toEqual([]);
	// Ids are an account's own: another account may use the same one.
	ann.send(tell("once", "bob", "ann's own"));
	await settle(ann);
	expect(all(bob, "once").map(({ from }) => from)).toEqual(["eve", "ann"]);
});

test("to oneself: told once", async () => {
	ann.send(tell("note", "ann"));
	await waitForId(ann, "note");
	await settle(ann);
	expect(all(ann, "note")).toMatchObject([{ type: "told", from: "ann", to: "ann" }]);
	expect(all(bob, "note")).toEqual([]);
});

test("a name is found however its letters are written", async () => {
	await meet("Bill.w-5");
	const visit = ann.visitOf("Bill.w-5");
	for (const [index, name] of ["bill.w-5", "BILL.W-5", "Bill.w-5"].entries()) {
		ann.send(tell(`case-${index}`, name, "hello", visit));
		expect(await waitForId(ann, `case-${index}`)).toMatchObject({ type: "told", to: "Bill.w-5" });
	}
});

/** Names that nobody has, each with the name of a member whose visit is given with it. */
const strangers: [name: string, visitOf: string][] = [
	["nobody", "bob"],
	["b0b", "bob"],
	["B0B", "bob"],
	["bob.", "bob"],
	["bo", "bob"],
	["Bi11.w-5", "Bill.w-5"],
	["bill-w-5", "Bill.w-5"],
	["bill.w-s", "Bill.w-5"],
	["gone", "gone"],
];

test.each(strangers)("%s is nobody here: refused, with the id and why", async (name, visitOf) => {
	if (name === "gone") {
		const gone = await meet(name);
		gone.send({ type: "leave" });
		await gone.waitUntilClosed();
	}
	const id = `to-${name.replace(".", "")}`;
	ann.send(tell(id, name, id, ann.visitOf(visitOf)));
	const refused = await waitForId(ann, id);
	expect(refused).toMatchObject({ type: "refused", code: "no_such_member", id });
	expect(refused.text).toContain(name);
	await settle(ann);
	expect([all(ann, id).length, all(bob, id)]).toEqual([1, []]);
});

test("what was refused may be told under its id when the reader has come", async () => {
	ann.send(tell("too-soon", "frank", "hello", "no-visit"));
	expect(await waitForId(ann, "too-soon")).toMatchObject({
		type: "refused",
		code: "no_such_member",
	});
	const frank = await meet("frank");
	ann.send(tell("too-soon", "frank"));
	expect(await waitForId(frank, "too-soon")).toMatchObject({ type: "told", from: "ann" });
});

const faults: [what: string, fields: object][] = [
	["no text", { text: undefined }],
	["an empty text", { text: "" }],
	["a text too long", { text: "x".repeat(8193) }],
	["no reader", { to: undefined }],
	["a reader that is no name", { to: "b b" }],
	["several readers", { to: ["ann", "bob"] }],
	["no visit", { visit: undefined }],
	["a visit that is none", { visit: "a b" }],
	["an empty visit", { visit: "" }],
];

test.each(faults)("%s: refused with the id, and nothing is told", async (what, fields) => {
	const id = `bad-${what.replaceAll(" ", "-")}`;
	ann.send({ ...tell(id, "bob", "hello"), ...fields });
	const refusals = () => ann.messages.filter(({ text }) => String(text).startsWith("tell: "));
	const before = refusals().length;
	await settle(ann);
	const [refused] = refusals().slice(before);
	expect(refused).toMatchObject({ type: "refused", code: "bad_field", id });
	expect(all(bob, id)).toEqual([]);
});

test("nobody is told anything before the login", async () => {
	const stranger = Peer.greeting(stage);
	stranger.send(tell("unverified", "bob"));
	expect(await stranger.waitFor("closing")).toMatchObject({ code: "login_first" });
	stranger.send({ type: "login", name: "x", email: "x@gmail.com", password: PASSWORD });
	await stranger.waitUntilClosed();
	await settle(ann);
	expect(all(bob, "unverified")).toEqual([]);
});
