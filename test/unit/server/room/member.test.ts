import { expect, test } from "bun:test";
import fc from "fast-check";
import { Member } from "../../../../lib/server/room/member.ts";

// The ids a member has used, which the room remembers so that nothing is said twice.

/** A member whose connection sends nothing. */
function visit(name: string): Member {
	const link = { ip: "", send() {}, sendJson() {}, sendRaw() {}, whenReady() {}, close() {} };
	return new Member({ name, account: `${name}@gmail.com`, shownEmail: undefined }, "v", 0, link);
}

/** More messages than a client has on their way at once. */
const AT_LEAST = 1024;
/** Few enough to need little memory. */
const AT_MOST = 10_000;

const remembered = (member: Member, ids: string[]): string[] =>
	ids.filter((id) => member.hasUsedId(id));
const idsOf = (count: number): string[] => Array.from({ length: count }, (_, i) => `${i}`);

test("an id is known once it is remembered, and as its member's alone", () => {
	const [ann, bob] = [visit("ann"), visit("bob")];
	expect(ann.hasUsedId("1")).toBe(false);
	ann.rememberId("1");
	expect(remembered(ann, ["1", "2"])).toEqual(["1"]);
	expect(bob.hasUsedId("1")).toBe(false);
	// The same account is another member when it joins anew.
	expect(visit("ann").hasUsedId("1")).toBe(false);
});

test("what may be on its way is remembered; of more, the oldest is forgotten", () => {
	const ann = visit("ann");
	const ids = idsOf(3 * AT_MOST);
	for (const id of ids) ann.rememberId(id);
	const still = remembered(ann, ids);
	expect(still.length).toBeGreaterThanOrEqual(AT_LEAST);
	expect(still.length).toBeLessThanOrEqual(AT_MOST);
	expect(still).toEqual(ids.slice(-still.length));
});

test("one member's ids are forgotten without another's", () => {
	const [ann, bob] = [visit("ann"), visit("bob")];
	for (const member of [ann, bob]) member.rememberId("first");
	for (const id of idsOf(AT_MOST)) ann.rememberId(id);
	expect([ann.hasUsedId("first"), bob.hasUsedId("first")]).toEqual([false, true]);
	// A forgotten id can be remembered again.
	ann.rememberId("first");
	expect(ann.hasUsedId("first")).toBe(true);
});

test("whatever is said, the last of it is known", () => {
	const ids = fc.array(fc.stringMatching(/^[a-z0-9-]{1,3}$/), { maxLength: 5000, size: "max" });
	fc.assert(
		fc.property(ids, (ids) => {
			const ann = visit("ann");
			for (const id of ids) if (!ann.hasUsedId(id)) ann.rememberId(id);
			const last = [...new Set(ids)].slice(-AT_LEAST);
			expect(remembered(ann, last)).toEqual(last);
		}),
		{ numRuns: 30 },
	);
});
