import { expect, test } from "bun:test";
import fc from "fast-check";
import { TokenBucket } from "../../../../lib/server/limits/rate-limiter.ts";
import type { Link } from "../../../../lib/server/room-state/link.ts";
import { Member, type MemberJson } from "../../../../lib/server/room-state/member.ts";
import type { ServerMessage } from "../../../../lib/wire/messages/messages.ts";
import { memberJson } from "./sample-member.ts";

// What the room knows about a member, which another server must be able to go on with.

const throughJson = (member: Member): Member => new Member(JSON.parse(JSON.stringify(member)));

/** A connection that keeps what it is sent. */
function connect(member: Member): ServerMessage[] {
	const sent: ServerMessage[] = [];
	const link: Link = {
		...{ ip: "192.0.2.1", isGone: false, sendRaw() {}, whenReady() {}, close() {} },
		send: (message) => void sent.push(message),
		sendJson: (json) => void sent.push(JSON.parse(json)),
	};
	member.presence = { state: "online", link };
	return sent;
}

const unconfirmed = (count: number): ServerMessage => {
	return { type: "unconfirmed", name: "bob", visit: "bob-1", count };
};

const count = fc.maxSafeNat();
const hash = fc.stringMatching(/^[0-9a-f]{64}$/);
const hashes = fc.uniqueArray(fc.bigInt(0n, 2n ** 64n - 1n).map(Number), { maxLength: 20 });
const anyMember: fc.Arbitrary<MemberJson> = fc.record({
	name: fc.string({ minLength: 1 }),
	account: fc.emailAddress(),
	visit: fc.string({ minLength: 1 }),
	joinedAt: count,
	generation: count,
	server: fc.string(),
	offlineSince: fc.option(count),
	offlineSeq: fc.option(count),
	isCaughtUp: fc.boolean(),
	awaySince: fc.option(count),
	unreadableSeq: count,
	joinedAtSeq: count,
	privateCount: count,
	privateConfirmed: count,
	owed: fc.array(fc.nat().map(unconfirmed), { maxLength: 5 }),
	tokens: fc.array(hash, { minLength: 1, maxLength: 4 }),
	ids: fc.tuple(hashes, hashes),
});

test("whatever is known about a member comes through JSON unchanged", () => {
	fc.assert(
		fc.property(anyMember, (json) => {
			const member = new Member(json);
			expect(member.toJSON()).toEqual(json);
			expect(throughJson(member).toJSON()).toEqual(member.toJSON());
		}),
	);
});

test("what only this server has to do with is not in the JSON", () => {
	const member = new Member(memberJson("ann"));
	connect(member);
	member.resumedAt = 1;
	member.newestAttempt = new AbortController().signal;
	member.rate = new TokenBucket(1, 1, 0);
	member.replayRate = new TokenBucket(1, 1, 0);
	expect(JSON.parse(JSON.stringify(member))).toEqual(memberJson("ann"));
	expect(throughJson(member).link).toBeNull();
});

test("a member goes on after JSON as it would have without", () => {
	const member = new Member(memberJson("ann"));
	for (const i of [1, 2]) member.sendSurely(unconfirmed(i));
	for (const id of ["1", "2"]) member.ids.add(id);
	for (let i = 0; i < 3; i++) member.hear("{}");
	member.confirmPrivate(2);
	member.nextToken("token-1", "token-2");
	member.nextToken("token-1", "token-3");
	const again = throughJson(member);
	for (const each of [member, again]) {
		const sent = connect(each);
		each.sendOwed();
		expect(sent).toEqual([unconfirmed(1), unconfirmed(2)]);
		expect(["1", "2", "3"].map((id) => each.ids.has(id))).toEqual([true, true, false]);
		expect([each.privateCount, each.privateConfirmed]).toEqual([3, 2]);
		expect(each.tokens).toEqual(["token-1", "token-2", "token-3"]);
		each.ids.add("3");
		each.nextToken("token-2", "token-4");
		each.confirm();
		each.sendOwed();
		expect([sent.length, each.isUnconfirmed, each.tokens]).toEqual([2, false, ["token-4"]]);
	}
	expect(again.toJSON()).toEqual(member.toJSON());
});

test("the same account knows no id that it used as another member", () => {
	const ann = new Member(memberJson("ann", "ann-1"));
	ann.ids.add("1");
	expect(new Member(memberJson("ann", "ann-2")).ids.has("1")).toBe(false);
});
