import { expect, test } from "bun:test";
import fc from "fast-check";
import { Queue } from "../../../lib/util/queue.ts";
import { eventually } from "../../support/eventually.ts";

test("whatever is put in comes out in the order it came, as of an array", () => {
	const steps = fc.array(fc.oneof(fc.nat(), fc.constant("shift" as const)), { size: "medium" });
	fc.assert(
		fc.property(steps, (steps) => {
			const queue = new Queue<number>();
			const array: number[] = [];
			for (const step of steps) {
				if (step === "shift") expect(queue.shift()).toBe(array.shift());
				else {
					queue.push(step);
					array.push(step);
				}
				expect([queue.length, queue.first]).toEqual([array.length, array[0]]);
				expect([...queue]).toEqual(array);
			}
		}),
	);
});

test("what is taken is let go, however much is left", async () => {
	const queue = new Queue<object>();
	let gone = 0;
	const registry = new FinalizationRegistry(() => gone++);
	for (let i = 0; i < 1000; i++) {
		const item = { i };
		registry.register(item, i);
		queue.push(item);
	}
	for (let i = 0; i < 400; i++) queue.shift();
	await eventually("most of what was taken let go", () => {
		Bun.gc(true);
		return gone > 300;
	});
	expect([queue.length, [...queue].length]).toEqual([600, 600]);
});
