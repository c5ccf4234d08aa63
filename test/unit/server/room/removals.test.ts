import { expect, test } from "bun:test";
import { Removals } from "../../../../lib/server/room/removals.ts";

const GRACE = 1000;
const reason = (text: string) => ({ code: "kicked" as const, text });

test("a reason is known by each token for as long as somebody may come back, and no longer", () => {
	const expelled = new Removals(GRACE);
	expelled.add(["older", "newer"], reason("why"), 5000);
	for (const token of ["older", "newer"]) {
		expect(expelled.reasonFor(token, 5999)).toEqual(reason("why"));
		expect(expelled.reasonFor(token, 6000)).toBeNull();
	}
	expect(expelled.reasonFor("another", 5000)).toBeNull();
});

test("of very many the oldest are forgotten", () => {
	const expelled = new Removals(GRACE);
	for (let i = 0; i <= 1000; i++) expelled.add([`t${i}`], reason(`${i}`), 0);
	const known = [0, 1, 1000].map((i) => expelled.reasonFor(`t${i}`, 1)?.text);
	expect(known).toEqual([undefined, "1", "1000"]);
});
