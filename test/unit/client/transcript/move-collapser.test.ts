import { expect, test } from "bun:test";
import {
	type CollapsedMoves,
	MoveCollapser,
} from "../../../../lib/client/transcript/move-collapser.ts";

/** What is shown of members `m0`, `m1` and so on, of whom each moves as its type says. */
function shownOf(types: readonly CollapsedMoves["type"][]): CollapsedMoves[] {
	const shown: CollapsedMoves[] = [];
	const collapser = new MoveCollapser(
		() => 0,
		(moves) => void shown.push(moves),
	);
	for (const [i, type] of types.entries()) {
		collapser.add({ type, seq: i, at: i, name: `m${i}`, visit: `v${i}` });
	}
	collapser.flush();
	return shown;
}

test.each(["joined", "left"] as const)("of a crowd that %s, only a few names are kept", (type) => {
	const names = ["m0", "m1", "m2", "m3", "m4"];
	const crowd = (count: number) => shownOf(Array.from({ length: count }, () => type));
	expect(crowd(4)).toEqual([{ type, names: names.slice(0, 4), others: 0, at: 0 }]);
	expect(crowd(5)).toEqual([{ type, names, others: 0, at: 0 }]);
	expect(crowd(6)).toEqual([{ type, names, others: 1, at: 0 }]);
	expect(crowd(100_000)).toEqual([{ type, names, others: 99_995, at: 0 }]);
});

test("joins and leaves in turn share no line", () => {
	expect(shownOf(["joined", "left", "joined"])).toEqual([
		{ type: "joined", names: ["m0"], others: 0, at: 0 },
		{ type: "left", names: ["m1"], others: 0, at: 1 },
		{ type: "joined", names: ["m2"], others: 0, at: 2 },
	]);
});
