import { expect, test } from "bun:test";
import { LoginGarbage } from "../../../../lib/server/net/login-garbage.ts";

/** How often garbage was collected in ticks with so many new connections each. */
function collections(...ticks: number[]): number {
	let count = 0;
	const garbage = new LoginGarbage(() => count++);
	for (const connections of ticks) {
		for (let i = 0; i < connections; i++) garbage.count();
		garbage.tick();
	}
	return count;
}

const CALM = Array<number>(20).fill(0);

test("the garbage of a crowd is collected once, when nobody else comes", () => {
	expect(collections(200, 0, 0, 200, 200)).toBe(0);
	expect(collections(200, 0, 0, 200, 200, ...CALM)).toBe(1);
	expect(collections(500, ...CALM, 500, ...CALM)).toBe(2);
});

test("a few connections leave too little, however long it is calm", () => {
	expect(collections(10, ...CALM, 10, ...CALM)).toBe(0);
});
