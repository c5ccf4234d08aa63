import { expect, test } from "bun:test";
import { Removals } from "../../../../lib/server/room/removals.ts";

const GRACE = 1000;
const reason = (text: string) => ({ code: "kicked" as const, text });

test("a reason is known by each token for as long as somebody may come back, and no longer", () => {
	const removals = new Removals(GRACE);
	removals.add(["older", "newer"], reason("why"), 5000);
	for (const token of ["older", "newer"]) {
		expect(removals.reasonFor(token, 5999)).toEqual(reason("why"));
		expect(removals.reasonFor(token, 6000)).toBeNull();
	}
	expect(removals.reasonFor("another", 5000)).toBeNull();
});

test("of very many the oldest are forgotten", () => {
	const removals = new Removals(GRACE);
	for (let i = 0; i <= 1000; i++) removals.add([`t${i}`], reason(`${i}`), 0);
	const known = [0, 1, 1000].map((i) => removals.reasonFor(`t${i}`, 1)?.text);
	expect(known).toEqual([undefined, "1", "1000"]);
});
