import { expect, test } from "bun:test";
import { LoginGarbage } from "../../../../lib/server/net/login-garbage.ts";

/** How often garbage was collected while so many members were connected, tick after tick. */
function collections(...sizes: number[]): number {
	let count = 0;
	const garbage = new LoginGarbage(() => count++);
	for (const size of sizes) garbage.tick(size);
	return count;
}

test("garbage is collected while a crowd joins, and not while it stays or leaves", () => {
	expect(collections(1, 300, 511)).toBe(0);
	expect(collections(1, 300, 600, 600, 700)).toBe(1);
	expect(collections(600, 1200, 1800, 1800, 900, 1)).toBe(3);
});

test("garbage is collected when another crowd comes after the first has left", () => {
	expect(collections(600, 10, 500, 600)).toBe(2);
});

test("a few who come and go, however often, cause nothing", () => {
	expect(collections(...Array.from({ length: 1000 }, (_, i) => (i % 2) * 500))).toBe(0);
});
