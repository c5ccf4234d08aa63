import { expect, test } from "bun:test";
import { Removals } from "../../../../lib/server/room-state/removals.ts";

const reason = (text: string) => ({ code: "kicked" as const, text });

test("a reason is known by each token for as long as somebody may come back, and no longer", () => {
	const removals = new Removals();
	removals.add(["older", "newer"], reason("why"), 5000);
	for (const token of ["older", "newer"]) {
		expect(removals.reasonFor(token, 4999)).toEqual(reason("why"));
		expect(removals.reasonFor(token, 5000)).toBeNull();
	}
	expect(removals.reasonFor("another", 4000)).toBeNull();
});

test("of very many the oldest are forgotten", () => {
	const removals = new Removals();
	for (let i = 0; i <= 1000; i++) removals.add([`t${i}`], reason(`${i}`), 0);
	const known = [0, 1, 1000].map((i) => removals.reasonFor(`t${i}`, -1)?.text);
	expect(known).toEqual([undefined, "1", "1000"]);
});

test("they come through JSON unchanged: as many are known, and the oldest is forgotten first", () => {
	const removals = new Removals();
	for (let i = 0; i < 1000; i++) removals.add([`t${i}`], reason(`${i}`), i);
	const again = new Removals(JSON.parse(JSON.stringify(removals)));
	expect(again.toJSON()).toEqual(removals.toJSON());
	expect(again.reasonFor("t0", -1)).toEqual(reason("0"));
	expect(again.reasonFor("t999", 999)).toBeNull();
	again.add(["newest"], reason("new"), 1000);
	const known = ["t0", "t1", "newest"].map((token) => again.reasonFor(token, -1)?.text);
	expect(known).toEqual([undefined, "1", "new"]);
});
