import { expect, test } from "bun:test";
import { eventually } from "../../support/eventually.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Peer } from "../../support/peer.ts";
import { type Json, Stage } from "../../support/programs.ts";
import { openWithBystander } from "./bystander.ts";

// A member's requests: their ids, and what this version does not know.

const { stage, bystander, spoken } = await openWithBystander(
	"--grace",
	"0",
	"--owner",
	"ann@gmail.com",
);

const member = (): Promise<Peer> => Peer.member(stage, `m${spoken()}`);

/** Sends a request and waits for the refusal that comes next. */
async function refusalOf(peer: Peer, request: object): Promise<Json> {
	const refusals = () => peer.messages.filter(({ type }) => type === "refused");
	const before = refusals().length;
	peer.send(request);
	const what = `${JSON.stringify(request)} refused`;
	return eventually(
		what,
		() => refusals()[before],
		() => JSON.stringify(peer.messages),
	);
}

const text = expect.any(String);
const nobody = { name: "nobody", visit: "no-visit" };
/** Every request of a member's that may have an id and be wrong, and why it is refused. */
const requests: [request: Json, code: string][] = [
	[{ type: "say", text: "" }, "bad_field"],
	[{ type: "tell", to: "nobody", visit: "no-visit", text: "hello" }, "no_such_member"],
	[{ type: "ping" }, "bad_field"],
	[{ type: "ping", private: -1 }, "bad_field"],
	[{ type: "kick", ...nobody }, "not_owner"],
	[{ type: "kick", name: "nobody" }, "bad_field"],
	[{ type: "ban", who: "x@gmail.com" }, "not_owner"],
	[{ type: "ban", who: "nobody" }, "bad_field"],
	[{ type: "unban", address: "x@gmail.com" }, "not_owner"],
	[{ type: "mute", ...nobody }, "not_owner"],
	[{ type: "unmute", who: "nobody" }, "not_owner"],
	[{ type: "bans" }, "not_owner"],
	[{ type: "announce", text: "hello" }, "not_owner"],
	[{ type: "title", title: "Mine" }, "not_owner"],
	[{ type: "close" }, "not_owner"],
	[{ type: "shout", text: "hello" }, "unknown_type"],
];
/** What an owner asks for in vain. */
const ownersRequests: [request: Json, code: string][] = [
	[{ type: "kick", ...nobody }, "no_such_member"],
	[{ type: "ban", who: "nobody", visit: "no-visit" }, "no_such_member"],
	[{ type: "ban", who: "ann@gmail.com" }, "is_owner"],
	[{ type: "ban", who: "+x@gmail.com" }, "invalid_address"],
	[{ type: "unban", address: "x@gmail.com" }, "not_banned"],
	[{ type: "mute", ...nobody }, "no_such_member"],
	[{ type: "unmute", who: "nobody" }, "not_muted"],
	[{ type: "unmute", who: "nobody", visit: "no-visit" }, "no_such_member"],
	[{ type: "title", title: "a\nb" }, "bad_field"],
];

/** Checks that each is refused with the id that it has, and without one if it has none. */
async function expectIdsBack(peer: Peer, table: typeof requests): Promise<void> {
	for (const [index, [request, code]] of table.entries()) {
		const id = `r-${index}_Z`;
		expect(await refusalOf(peer, { ...request, id })).toEqual({ type: "refused", code, text, id });
		if (/^(say|tell)$/.test(request.type)) continue;
		expect(await refusalOf(peer, request)).toEqual({ type: "refused", code, text });
	}
	expect(peer.messages.filter(({ type }) => type === "refused").length).toBeGreaterThan(
		table.length,
	);
}

test("whatever a member asks for, a refusal gives back the id, and only if there was one", async () => {
	await expectIdsBack(await member(), requests);
});

test("whatever an owner asks for in vain, likewise", async () => {
	const ann = await Peer.member(stage, "ann");
	await expectIdsBack(ann, ownersRequests);
	ann.send({ type: "leave", id: "bye" });
	expect(await ann.waitFor("closing")).toMatchObject({ code: "left" });
});

test("what is done needs no answer, with an id or without", async () => {
	const peer = await member();
	for (const id of ["w1", undefined])
		peer.send({ type: "ping", private: 0, id }, { type: "who", id });
	await eventually(
		"two of each",
		() => peer.messages.filter(({ type }) => type === "pong").length === 2,
	);
	await peer.waitFor("roster");
	const answers = peer.messages.filter(({ type }) => type === "pong" || type === "roster");
	for (const answer of answers) expect(answer).not.toHaveProperty("id");
	expect(peer.messages.some(({ type }) => type === "refused")).toBe(false);
});

test("a request of an unknown type is refused, with its id if it is one, and the connection goes on", async () => {
	const peer = await member();
	const types = ["shout", "constructor", "__proto__", "toString", "", "SAY", "say ", "\u001b[2J"];
	for (const [index, type] of types.entries()) {
		const id = `u${index}`;
		const refused = { type: "refused", code: "unknown_type", text };
		expect(await refusalOf(peer, { type, id })).toEqual({ ...refused, id });
		expect(await refusalOf(peer, { type, id: "no id" })).toEqual(refused);
	}
	for (const { text } of peer.messages.filter(({ type }) => type === "refused")) {
		expect(text).toMatch(/^[ -~]+$/);
	}
	const id = `after-${spoken()}`;
	peer.send({ type: "say", id, text: "still here" });
	await bystander.waitFor({ type: "said", id });
});

test("fields that a request does not have are ignored, and reach nobody", async () => {
	const peer = await member();
	const later = {
		seq: 5,
		n: 9,
		key: "x",
		from: "ann",
		at: 1,
		reply: { to: "me" },
		secret: "rhubarb",
	};
	const id = `later-${spoken()}`;
	peer.send({ type: "ping", private: 0, ...later }, { type: "say", id, text: "hello", ...later });
	await peer.waitFor("pong");
	const said = await bystander.waitFor({ type: "said", id });
	const { seq, at } = said;
	expect(said).toEqual({ type: "said", seq, at, from: `m${spoken()}`, id, text: "hello" });
	expect(Number(at)).toBeGreaterThan(1);
	await eventually("the echo", () => peer.messages.some((message) => message.id === id));
	expect(JSON.stringify(peer.messages)).not.toContain("rhubarb");
	expect(peer.messages.some(({ type }) => type === "refused")).toBe(false);
});

test("an id that was used in an earlier visit may be used again", async () => {
	await using room = await Stage.local();
	for (const text of ["first", "second"]) {
		const peer = Peer.greeting(room);
		peer.send({ type: "login", name: "ann", email: "ann@gmail.com", password: PASSWORD });
		await peer.waitFor("welcome");
		peer.send({ type: "say", id: "same", text });
		expect(await peer.waitFor("said")).toMatchObject({ id: "same", text });
		peer.send({ type: "leave" });
		await peer.waitUntilClosed();
	}
});
