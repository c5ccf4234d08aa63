import { expect, test } from "bun:test";
import { Transcript } from "../../../../lib/client/transcript/transcript.ts";

test("the latest lines are kept, up to a bound", () => {
	const transcript = new Transcript();
	for (let i = 0; i < 30_000; i++) transcript.add(`text ${i}`);
	expect(transcript.text.split("\n").length).toBeWithin(10_000, 30_000);
	expect(transcript.text).toEndWith("\ntext 29998\ntext 29999\n");
	for (let i = 0; i < 2000; i++) transcript.add(`${i} ${"x".repeat(8000)}`);
	expect(transcript.text.length).toBeWithin(1_000_000, 8_000_000);
	expect(transcript.text).toMatch(/\n1998 x+\n1999 x+\n$/);
});
