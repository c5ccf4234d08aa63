import { describe, expect, test } from "bun:test";
import { HistorySearch } from "../../../../lib/client/editor/history-search.ts";

const LINES = ["build it", "Hello all", "/tell bob hello", "build it again", "hello all", "lunch?"];

/** What is found after the steps: `^` goes to an older line, `<` takes a letter back. */
function searched(steps: string, lines: readonly string[] = LINES) {
	const search = new HistorySearch(lines);
	for (const step of steps) {
		if (step === "^") search.older();
		else if (step === "<") search.erase();
		else search.type(step);
	}
	return { line: search.line, isFound: search.isFound, query: search.query, place: search.place };
}

describe("a search finds", () => {
	test.each<[steps: string, line: string | undefined, place: number]>([
		["", undefined, 0],
		["l", "lunch?", 0],
		["hel", "hello all", 0],
		["hel^", "/tell bob hello", 10],
		["HEL^^", "Hello all", 0],
		["build", "build it again", 0],
		["build^", "build it", 0],
		["it<<build", "build it again", 0],
		["hel^lo", "/tell bob hello", 10],
		["hel^<<<lunch", "lunch?", 0],
		["^", "lunch?", 0],
		["^^", "hello all", 0],
		["lo a", "hello all", 3],
	])("%j: %j", (steps, line, place) => {
		expect(searched(steps)).toMatchObject({ line, isFound: true, place });
	});

	test.each<[steps: string, line: string | undefined]>([
		["x", undefined],
		["hel^^^", "Hello all"],
		["lunchx", "lunch?"],
		["build^^", "build it"],
	])("nothing, and keeps what it had: %j, %j", (steps, line) => {
		expect(searched(steps)).toMatchObject({ line, isFound: false });
	});

	test("each line once in a row, and nothing in an empty history", () => {
		expect(searched("a^", ["a1", "a2", "a1", "a1"])).toMatchObject({ line: "a2" });
		expect(searched("^^x", [])).toMatchObject({ line: undefined, isFound: false, query: "x" });
	});

	test("again what it had not found, once letters are taken back", () => {
		expect(searched("lunchx<")).toMatchObject({ line: "lunch?", isFound: true, query: "lunch" });
		expect(searched("a👍<")).toMatchObject({ query: "a" });
	});
});
