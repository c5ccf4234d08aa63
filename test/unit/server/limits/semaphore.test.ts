import { expect, test } from "bun:test";
import { Semaphore } from "../../../../lib/server/limits/semaphore.ts";
import { ChatError } from "../../../../lib/util/errors.ts";
import { eventually } from "../../../support/eventually.ts";

/** Tasks that end when the test says so. */
class Work {
	/** In the order in which they began. */
	readonly begun: string[] = [];
	max = 0;
	readonly #running = new Map<string, PromiseWithResolvers<string>>();

	task = (name: string) => (): Promise<string> => {
		const end = Promise.withResolvers<string>();
		this.begun.push(name);
		this.#running.set(name, end);
		this.max = Math.max(this.max, this.#running.size);
		return end.promise;
	};

	finish(name: string): void {
		this.#take(name).resolve(`${name} done`);
	}

	fail(name: string): void {
		this.#take(name).reject(new Error(`${name} failed`));
	}

	async waitUntilBegun(...names: string[]): Promise<void> {
		await eventually(`begun: ${names}`, () => this.begun.length >= names.length);
		expect(this.begun).toEqual(names);
	}

	#take(name: string): PromiseWithResolvers<string> {
		const end = this.#running.get(name);
		if (!end) throw new Error(`${name} is not running`);
		this.#running.delete(name);
		return end;
	}
}

test("a task begins at once where there is a place, and gives its value", async () => {
	const work = new Work();
	const semaphore = new Semaphore(2, 0);
	const a = semaphore.run(work.task("a"));
	const b = semaphore.run(work.task("b"));
	await work.waitUntilBegun("a", "b");
	work.finish("b");
	work.finish("a");
	expect(await Promise.all([a, b])).toEqual(["a done", "b done"]);
});

test("those who wait are served in the order they came, one for each that ends", async () => {
	const work = new Work();
	const semaphore = new Semaphore(2, 3);
	const all = ["a", "b", "c", "d", "e"].map((name) => semaphore.run(work.task(name)));
	await work.waitUntilBegun("a", "b");
	work.finish("b");
	await work.waitUntilBegun("a", "b", "c");
	work.finish("a");
	await work.waitUntilBegun("a", "b", "c", "d");
	work.finish("c");
	work.finish("d");
	await work.waitUntilBegun("a", "b", "c", "d", "e");
	work.finish("e");
	expect(await Promise.all(all)).toEqual(["a done", "b done", "c done", "d done", "e done"]);
	expect(work.max).toBe(2);
});

test("one more than may wait is told at once, and not begun", async () => {
	const work = new Work();
	const semaphore = new Semaphore(1, 1);
	const a = semaphore.run(work.task("a"));
	const b = semaphore.run(work.task("b"));
	const refusal = await semaphore.run(work.task("c")).catch((error: unknown) => error);
	expect(refusal).toBeInstanceOf(ChatError);
	expect(refusal).toMatchObject({ code: "queue_full" });
	work.finish("a");
	await a;
	await work.waitUntilBegun("a", "b");
	const d = semaphore.run(work.task("d"));
	work.finish("b");
	await work.waitUntilBegun("a", "b", "d");
	work.finish("d");
	expect(await Promise.all([b, d])).toEqual(["b done", "d done"]);
});

test("a task that fails frees its place, for whoever waits and for later", async () => {
	const work = new Work();
	const semaphore = new Semaphore(1, 1);
	const a = semaphore.run(work.task("a"));
	const b = semaphore.run(work.task("b"));
	work.fail("a");
	expect(await a.catch(String)).toBe("Error: a failed");
	await work.waitUntilBegun("a", "b");
	work.fail("b");
	expect(await b.catch(String)).toBe("Error: b failed");
	const throwing = semaphore.run(() => {
		throw new Error("before it began");
	});
	expect(await throwing.catch(String)).toBe("Error: before it began");
	const c = semaphore.run(work.task("c"));
	await work.waitUntilBegun("a", "b", "c");
	work.finish("c");
	expect(await c).toBe("c done");
});

test("places neither wear out nor multiply", async () => {
	const work = new Work();
	const semaphore = new Semaphore(3, 100);
	for (let round = 0; round < 20; round++) {
		const names = Array.from({ length: 7 }, (_, i) => `${round}.${i}`);
		const all = names.map((name) => semaphore.run(work.task(name)).catch(String));
		for (const [i, name] of names.entries()) {
			await eventually(`${name} begun`, () => work.begun.includes(name));
			if (i % 2 === 0) work.finish(name);
			else work.fail(name);
		}
		await Promise.all(all);
	}
	expect(work.begun).toHaveLength(140);
	expect(work.max).toBe(3);
});
