import { describe, expect, test } from "bun:test";
import { Recipients } from "../../../../lib/client/chat/recipients.ts";
import { addressed, type Recipient, Visits } from "../../../../lib/client/chat/visits.ts";
import { reason } from "../../../../lib/wire/errors/reason.ts";
import { readClientMessage } from "../../../../lib/wire/messages/messages.ts";
import { BadField } from "../../../../lib/wire/messages/schema.ts";

const BOB = { name: "bob", visit: "first-bob" };
const OTHER_BOB = { name: "Bob", visit: "second-bob" };
const EVE = { name: "eve", visit: "first-eve" };

/** The members that a welcome has shown. */
const seen = (...members: (typeof BOB)[]): Visits =>
	new Visits({ members: members.map(({ name, visit }) => [name, visit]) });
const PLACE = { seq: 1, at: 0 };

function leaves(visits: Visits, { name }: Recipient): void {
	visits.receive({ type: "left", ...PLACE, name });
}

/** One member takes another's name. */
function follows(visits: Visits, old: Recipient, member: Recipient): void {
	leaves(visits, old);
	visits.receive({ type: "joined", ...PLACE, ...member });
}

describe("who is here", () => {
	test("is found by name, whatever its case", () => {
		const visits = seen(OTHER_BOB, EVE);
		expect([visits.find("bOB"), visits.find("eve")]).toEqual([OTHER_BOB, EVE]);
		expect([visits.find("bo"), visits.find("")]).toEqual([undefined, undefined]);
		expect(visits.names).toEqual(["Bob", "eve"]);
	});

	test("changes with those who come and go", () => {
		const visits = seen(BOB);
		follows(visits, BOB, OTHER_BOB);
		expect([visits.find("bob"), visits.names]).toEqual([OTHER_BOB, ["Bob"]]);
		leaves(visits, OTHER_BOB);
		expect([visits.find("bob"), visits.names]).toEqual([undefined, []]);
	});

	test("can be taken for a welcome of now, with those who are away", () => {
		const visits = seen(BOB, EVE);
		const first = visits.revision;
		follows(visits, BOB, OTHER_BOB);
		visits.receive({ type: "away", seq: 2, at: 7, name: "eve" });
		expect(visits.revision).toBeGreaterThan(first);
		const later = new Visits(visits.present);
		expect(later.find("bob")).toEqual(OTHER_BOB);
		expect([later.awaySince(EVE), later.awaySince(OTHER_BOB)]).toEqual([7, undefined]);
		const { revision } = later;
		later.receive({ type: "said", seq: 3, at: 8, from: "eve", id: "1", text: "hm" });
		expect(later.revision).toBe(revision);
	});

	test("does not change with those whose connections break", () => {
		const visits = seen(BOB);
		visits.receive({ type: "away", ...PLACE, name: "bob" });
		expect(visits.find("bob")).toEqual(BOB);
		visits.receive({ type: "back", ...PLACE, name: "bob" });
		visits.receive({ type: "online", lost: 3 });
		expect(visits.find("bob")).toEqual(BOB);
	});

	test("may be away, since when it was told, until it is back or gone", () => {
		const visits = new Visits({
			members: [BOB, EVE].map(({ name, visit }) => [name, visit]),
			away: [
				[EVE.visit, 500],
				["gone", 400],
			],
		});
		expect([BOB, EVE].map((member) => visits.awaySince(member))).toEqual([undefined, 500]);
		visits.receive({ type: "away", seq: 1, at: 700, name: "BOB" });
		visits.receive({ type: "back", seq: 2, at: 800, name: "eve" });
		expect([BOB, EVE].map((member) => visits.awaySince(member))).toEqual([700, undefined]);
		// Another member who takes the name is not away.
		follows(visits, BOB, OTHER_BOB);
		expect([BOB, OTHER_BOB].map((member) => visits.awaySince(member))).toEqual([
			undefined,
			undefined,
		]);
		const members = [
			{ ...OTHER_BOB, since: 0, away: 900 },
			{ ...EVE, since: 0 },
		];
		visits.receive({ type: "roster", at: 1000, members });
		expect([OTHER_BOB, EVE].map((member) => visits.awaySince(member))).toEqual([900, undefined]);
		visits.receive({ type: "roster", at: 1000, members: [{ ...OTHER_BOB, since: 0 }] });
		expect(visits.awaySince(OTHER_BOB)).toBeUndefined();
		visits.receive({ type: "away", seq: 3, at: 1100, name: "nobody1" });
	});

	test("is what a roster says, and nobody else", () => {
		const visits = seen(BOB, { name: "carl", visit: "c" });
		const members = [OTHER_BOB, EVE].map((member) => ({ ...member, since: 0 }));
		visits.receive({ type: "roster", members });
		expect([visits.find("bob"), visits.names]).toEqual([OTHER_BOB, ["Bob", "eve"]]);
	});
});

describe("a server that names more members than any room can hold is given up", () => {
	const crowd = Array.from({ length: 20_001 }, (_, i) => ({ name: `m${i}`, visit: `v${i}` }));
	const tooMany = expect.objectContaining({
		code: "bad_message",
		message: expect.stringContaining("more members than the 10000 that a room can hold"),
	});
	const joins = (visits: Visits, members: readonly Recipient[]): void => {
		for (const member of members) visits.receive({ type: "joined", ...PLACE, ...member });
	};

	test("in its welcome", () => {
		expect(() => seen(...crowd)).toThrow(tooMany);
	});

	test("in a roster", () => {
		const members = crowd.map((member) => ({ ...member, since: 0 }));
		expect(() => seen().receive({ type: "roster", members })).toThrow(tooMany);
	});

	test("one by one", () => {
		expect(() => joins(seen(), crowd)).toThrow(tooMany);
	});

	test("but not one that lost events, or whose members make room for others", () => {
		const [old, young] = [crowd.slice(0, 10_000), crowd.slice(10_000, 20_000)];
		const visits = seen(...old);
		joins(visits, young);
		follows(visits, crowd[0] ?? BOB, BOB);
		expect(visits.names).toHaveLength(20_000);
		visits.receive({ type: "roster", members: [{ ...BOB, since: 0 }] });
		joins(visits, old);
		expect(visits.names).toHaveLength(10_001);
	});
});

describe("a request about a member", () => {
	const visits = seen(BOB);
	const request = (given: object): object => addressed(given, (name) => visits.find(name));

	const about: object[] = [
		{ type: "tell", id: "1", to: "bob", text: "hello" },
		{ type: "kick", name: "bob", reason: "spam" },
		{ type: "mute", name: "BOB" },
		{ type: "ban", who: "bob" },
		{ type: "unmute", who: "bob" },
	];
	test.each(about)("gets the visit of the member: %j", (given) => {
		expect(request(given)).toEqual({ ...given, visit: BOB.visit });
		expect(() => readClientMessage(request(given))).not.toThrow();
	});

	test.each([
		{ type: "tell", id: "1", to: "zoe", text: "hello" },
		{ type: "kick", name: "zoe" },
		{ type: "mute", name: "zoe" },
		{ type: "ban", who: "zoe" },
	])("is not made if nobody here has the name: %j", (given) => {
		expect(() => request(given)).toThrow(
			expect.objectContaining({ reason: reason("no_such_member", "zoe") }),
		);
	});

	test("may unmute somebody who has left, by the name alone", () => {
		const given = { type: "unmute", who: "zoe" };
		expect(readClientMessage(request(given))).toEqual({ type: "unmute", who: "zoe" });
	});

	test.each([
		{ type: "ban", who: "bob@gmail.com" },
		{ type: "unmute", who: "bob@gmail.com" },
		{ type: "unban", address: "bob@gmail.com" },
		{ type: "say", id: "1", text: "bob" },
		{ type: "title", title: "bob" },
		{ type: "who", name: "bob", to: "bob" },
	])("is another if it has an address or no name, and gets no visit: %j", (given) => {
		expect(request(given)).toEqual(given);
		expect(request(given)).not.toHaveProperty("visit");
	});

	test("keeps the visit that it has, whoever has the name", () => {
		const given = { type: "mute", name: "bob", visit: "another" };
		expect(request(given)).toEqual(given);
		expect(request({ ...given, name: "zoe" })).toEqual({ ...given, name: "zoe" });
	});

	test.each([
		{ type: "tell", id: "1", to: "bob:", text: "hello" },
		{ type: "tell", id: "1", to: 7, text: "hello" },
		{ type: "kick" },
		{ type: "ban", who: "" },
		{ type: "unmute", who: "b@b" },
	])("is left to the check of the message if it has no name that can be one: %j", (given) => {
		expect(request(given)).toEqual(given);
		expect(() => readClientMessage(request(given))).toThrow(BadField);
	});
});

describe("the recipient of the line that is being typed", () => {
	/** Types a line, key by key. */
	function types(recipients: Recipients, line: string): void {
		for (let end = 0; end <= line.length; end++) recipients.drafting(line.slice(0, end));
	}

	const among = (...members: (typeof BOB)[]): [Recipients, Visits] => {
		const visits = seen(...members);
		return [new Recipients(visits), visits];
	};

	test.each(["/tell bob hi", "/tell @bob hi", "/tell BOB hi", "/kick bob", "/mute bob"])(
		"is who had the name when it was typed: %j",
		(line) => {
			const [recipients, visits] = among(BOB);
			types(recipients, line);
			follows(visits, BOB, OTHER_BOB);
			recipients.drafting(`${line} `);
			expect(recipients.find("bob")).toEqual(BOB);
			expect(recipients.find("Bob")).toEqual(BOB);
		},
	);

	test("is the new one in the next line", () => {
		const [recipients, visits] = among(BOB);
		types(recipients, "/tell bob hi");
		follows(visits, BOB, OTHER_BOB);
		recipients.drafting("");
		types(recipients, "/tell bob hi");
		expect(recipients.find("bob")).toEqual(OTHER_BOB);
	});

	test("is one person only, and a line to all has none", () => {
		const [recipients, visits] = among(BOB, EVE);
		types(recipients, "/tell bob eve");
		follows(visits, EVE, { ...EVE, visit: "second-eve" });
		expect(recipients.find("eve")?.visit).toBe("second-eve");
		types(recipients, "bob");
		follows(visits, BOB, OTHER_BOB);
		expect([recipients.find("bob"), recipients.find("")]).toEqual([OTHER_BOB, undefined]);
	});

	test("is, in a reply, who had written last when it was begun", () => {
		const [recipients, visits] = among(BOB, EVE);
		recipients.wroteToUs("bob");
		types(recipients, "/reply to");
		recipients.wroteToUs("eve");
		recipients.drafting("/reply to b");
		expect(recipients.replyTo).toEqual(BOB);
		follows(visits, BOB, OTHER_BOB);
		recipients.wroteToUs("Bob");
		recipients.drafting("/reply to bo");
		expect([recipients.replyTo, recipients.find("bob")]).toEqual([BOB, OTHER_BOB]);
		recipients.drafting("");
		expect(recipients.replyTo).toEqual(OTHER_BOB);
		recipients.wroteToUs("eve");
		recipients.drafting("/reply x");
		expect(recipients.replyTo).toEqual(EVE);
	});

	test("is, in a reply begun before anybody had written, the first who then wrote", () => {
		const [recipients] = among(BOB, EVE);
		types(recipients, "/reply ");
		expect(recipients.replyTo).toBeNull();
		recipients.wroteToUs("bob");
		recipients.drafting("/reply t");
		recipients.wroteToUs("eve");
		recipients.drafting("/reply to");
		expect(recipients.replyTo).toEqual(BOB);
	});

	test("is, under a name typed before anybody had it, the first who then had it", () => {
		const [recipients, visits] = among();
		types(recipients, "/tell bob ");
		follows(visits, BOB, BOB);
		recipients.drafting("/tell bob h");
		follows(visits, BOB, OTHER_BOB);
		recipients.drafting("/tell bob hi");
		expect(recipients.find("bob")).toEqual(BOB);
	});
});
