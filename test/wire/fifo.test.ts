import { expect, test } from "bun:test";
import fc from "fast-check";
import { Fifo } from "../../lib/util/queue.ts";
import { eventually } from "../support/eventually.ts";

test("whatever is put in comes out in the order it came, as of an array", () => {
	const steps = fc.array(fc.oneof(fc.nat(), fc.constant("shift" as const)), { size: "medium" });
	fc.assert(
		fc.property(steps, (steps) => {
			const fifo = new Fifo<number>();
			const array: number[] = [];
			for (const step of steps) {
				if (step === "shift") expect(fifo.shift()).toBe(array.shift());
				else {
					fifo.push(step);
					array.push(step);
				}
				expect([fifo.length, fifo.first]).toEqual([array.length, array[0]]);
				expect([...fifo]).toEqual(array);
			}
		}),
	);
});

test("what is taken is let go, however much is left", async () => {
	const fifo = new Fifo<object>();
	let gone = 0;
	const registry = new FinalizationRegistry(() => gone++);
	for (let i = 0; i < 1000; i++) {
		const item = { i };
		registry.register(item, i);
		fifo.push(item);
	}
	for (let i = 0; i < 400; i++) fifo.shift();
	await eventually("most of what was taken let go", () => {
		Bun.gc(true);
		return gone > 300;
	});
	expect([fifo.length, [...fifo].length]).toEqual([600, 600]);
});
