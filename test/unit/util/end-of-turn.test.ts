import { expect, test } from "bun:test";
import { EndOfTurn, type Flushable } from "../../../lib/util/end-of-turn.ts";

/** Waits for the next turn of the event loop. */
const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

const item = (flush: () => void): Flushable => ({ flush });

test("what a turn schedules is flushed when all else in it is done, in the order it came", async () => {
	const done: string[] = [];
	const endOfTurn = new EndOfTurn();
	endOfTurn.schedule(item(() => done.push("first")));
	queueMicrotask(() => done.push("a promise of this turn"));
	process.nextTick(() => endOfTurn.schedule(item(() => done.push("third"))));
	endOfTurn.schedule(item(() => done.push("second")));
	expect(done).toEqual([]);
	await nextTurn();
	expect(done).toEqual(["a promise of this turn", "first", "second", "third"]);
});

test("what the flushing schedules is flushed with it, and all of it once", async () => {
	const done: number[] = [];
	const endOfTurn = new EndOfTurn();
	const again = (left: number): Flushable =>
		item(() => {
			done.push(left);
			if (left > 0) endOfTurn.schedule(again(left - 1));
		});
	endOfTurn.schedule(again(3));
	await nextTurn();
	expect(done).toEqual([3, 2, 1, 0]);
	await nextTurn();
	endOfTurn.schedule(again(0));
	await nextTurn();
	expect(done).toEqual([3, 2, 1, 0, 0]);
});

test("whoever flushes can keep one item's fault from the others", async () => {
	const done: string[] = [];
	const endOfTurn = new EndOfTurn((each) => {
		try {
			each.flush();
		} catch (error) {
			done.push(String(error));
		}
	});
	endOfTurn.schedule(
		item(() => {
			throw "a fault";
		}),
	);
	endOfTurn.schedule(item(() => done.push("the next")));
	await nextTurn();
	expect(done).toEqual(["a fault", "the next"]);
});
