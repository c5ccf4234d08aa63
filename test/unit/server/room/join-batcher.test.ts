import { expect, test } from "bun:test";
import { JoinBatcher } from "../../../../lib/server/room/join-batcher.ts";

/** A batcher in a room of some size; `drain` returns the names of those who need not wait any longer. */
function batching(size: number): {
	ask: (name: string) => void;
	postpone: (name: string) => void;
	drain: (now: number) => string[];
	done: string[];
} {
	const batcher = new JoinBatcher(
		() => size,
		(step) => step(),
	);
	const done: string[] = [];
	return {
		done,
		ask: (name) => batcher.schedule(() => done.push(name)),
		postpone: (name) => batcher.postpone(() => done.push(name)),
		drain(now) {
			const before = done.length;
			batcher.drain(now);
			return done.slice(before);
		},
	};
}

test("a small room lets everybody in at once", () => {
	const { ask, done } = batching(255);
	ask("ann");
	expect(done).toEqual(["ann"]);
});

test("a large room lets those in together who ask between two drains", () => {
	const { ask, done, drain } = batching(256);
	ask("ann");
	ask("bob");
	expect(done).toEqual([]);
	expect(drain(0)).toEqual(["ann", "bob"]);
	expect(drain(250)).toEqual([]);
});

test.each([
	[256, 13],
	[5000, 250],
	[10_000, 500],
])("with %d members, %d ms pass between two batches", (size, pause) => {
	const { ask, drain } = batching(size);
	ask("ann");
	expect(drain(5000)).toEqual(["ann"]);
	ask("bob");
	expect(drain(5000 + pause - 1)).toEqual([]);
	ask("cy");
	expect(drain(5000 + pause)).toEqual(["bob", "cy"]);
});

test("somebody who comes alone into a large room waits for nobody else", () => {
	const { ask, drain } = batching(10_000);
	for (const now of [0, 250, 500]) expect(drain(now)).toEqual([]);
	ask("ann");
	expect(drain(750)).toEqual(["ann"]);
});

test("what is only postponed does not wait for the batch", () => {
	const { ask, postpone, drain } = batching(10_000);
	ask("ann");
	expect(drain(0)).toEqual(["ann"]);
	ask("bob");
	postpone("cy");
	expect(drain(250)).toEqual(["cy"]);
	expect(drain(500)).toEqual(["bob"]);
});

test("a batch that waits comes out when the room has become small meanwhile", () => {
	const room = { size: 256 };
	const batcher = new JoinBatcher(
		() => room.size,
		(step) => step(),
	);
	const done: string[] = [];
	batcher.schedule(() => done.push("ann"));
	room.size = 2;
	batcher.schedule(() => done.push("bob"));
	batcher.drain(0);
	expect(done).toEqual(["bob", "ann"]);
});
