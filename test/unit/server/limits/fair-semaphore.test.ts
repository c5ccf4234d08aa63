import { expect, test } from "bun:test";
import { FairSemaphore, type Origin } from "../../../../lib/server/limits/fair-semaphore.ts";
import { ChatError } from "../../../../lib/util/errors.ts";
import { eventually } from "../../../support/eventually.ts";

const HERE = { networks: ["192.0.2.7"], rank: "stranger" as const };

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
	const semaphore = new FairSemaphore(2, 0);
	const a = semaphore.run(HERE, work.task("a"));
	const b = semaphore.run(HERE, work.task("b"));
	await work.waitUntilBegun("a", "b");
	work.finish("b");
	work.finish("a");
	expect(await Promise.all([a, b])).toEqual(["a done", "b done"]);
});

test("those of one network are served in the order they came, one for each that ends", async () => {
	const work = new Work();
	const semaphore = new FairSemaphore(2, 3);
	const all = ["a", "b", "c", "d", "e"].map((name) => semaphore.run(HERE, work.task(name)));
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
	const semaphore = new FairSemaphore(1, 1);
	const a = semaphore.run(HERE, work.task("a"));
	const b = semaphore.run(HERE, work.task("b"));
	const refusal = await semaphore.run(HERE, work.task("c")).catch((error: unknown) => error);
	expect(refusal).toBeInstanceOf(ChatError);
	expect(refusal).toMatchObject({ code: "queue_full" });
	work.finish("a");
	await a;
	await work.waitUntilBegun("a", "b");
	const d = semaphore.run(HERE, work.task("d"));
	work.finish("b");
	await work.waitUntilBegun("a", "b", "d");
	work.finish("d");
	expect(await Promise.all([b, d])).toEqual(["b done", "d done"]);
});

test("a task that fails frees its place, for whoever waits and for later", async () => {
	const work = new Work();
	const semaphore = new FairSemaphore(1, 1);
	const a = semaphore.run(HERE, work.task("a"));
	const b = semaphore.run(HERE, work.task("b"));
	await work.waitUntilBegun("a");
	work.fail("a");
	expect(await a.catch(String)).toBe("Error: a failed");
	await work.waitUntilBegun("a", "b");
	work.fail("b");
	expect(await b.catch(String)).toBe("Error: b failed");
	const throwing = semaphore.run(HERE, () => {
		throw new Error("before it began");
	});
	expect(await throwing.catch(String)).toBe("Error: before it began");
	const c = semaphore.run(HERE, work.task("c"));
	await work.waitUntilBegun("a", "b", "c");
	work.finish("c");
	expect(await c).toBe("c done");
});

test("places neither wear out nor multiply", async () => {
	const work = new Work();
	const semaphore = new FairSemaphore(3, 100);
	for (let round = 0; round < 20; round++) {
		const names = Array.from({ length: 7 }, (_, i) => `${round}.${i}`);
		const all = names.map((name) => semaphore.run(HERE, work.task(name)).catch(String));
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

/** A task from an address, with a name for the test. */
const from = (ip: string, rank: Origin["rank"] = "stranger"): Origin => ({ networks: [ip], rank });

test("one who comes home goes first, a suspect last, and suspects take half of the places", async () => {
	const work = new Work();
	const semaphore = new FairSemaphore(4, 10);
	const suspects = ["s1", "s2", "s3"].map((name) =>
		semaphore.run(from("192.0.2.1", "suspect"), work.task(name)),
	);
	await work.waitUntilBegun("s1", "s2");
	const strangers = ["a", "b", "c", "d"].map((name) =>
		semaphore.run(from("192.0.2.2"), work.task(name)),
	);
	const home = semaphore.run(from("ann 192.0.2.1", "home"), work.task("home"));
	await work.waitUntilBegun("s1", "s2", "a", "b");
	work.finish("s1");
	await work.waitUntilBegun("s1", "s2", "a", "b", "home");
	for (const name of ["home", "a"]) work.finish(name);
	await work.waitUntilBegun("s1", "s2", "a", "b", "home", "c", "d");
	work.finish("b");
	await work.waitUntilBegun("s1", "s2", "a", "b", "home", "c", "d", "s3");
	for (const name of ["s2", "s3", "c", "d"]) work.finish(name);
	await Promise.all([...suspects, ...strangers, home]);
});

test.each(["stranger", "home"] as const)(
	"tasks that wait, as %s, become a suspect's",
	async (rank) => {
		const work = new Work();
		const semaphore = new FairSemaphore(1, 10);
		const all = [
			semaphore.run(from("192.0.2.1", rank), work.task("a1")),
			semaphore.run(from("192.0.2.1", rank), work.task("a2")),
			semaphore.run(from("192.0.2.2"), work.task("b1")),
			semaphore.run(from("192.0.2.2"), work.task("b2")),
		];
		await work.waitUntilBegun("a1");
		semaphore.suspect("192.0.2.1");
		for (const name of ["a1", "b1", "b2", "a2"]) {
			await eventually(`${name} begun`, () => work.begun.includes(name));
			work.finish(name);
		}
		await Promise.all(all);
		expect(work.begun).toEqual(["a1", "b1", "b2", "a2"]);
	},
);

const HOMES: [who: string, ipOf: (i: number) => string][] = [
	["twenty accounts", (i) => `ann${i} 192.0.2.1`],
	["two accounts", (i) => `ann${i % 2} 192.0.2.1`],
	["one account", () => "ann 192.0.2.1"],
];
test.each(HOMES)(
	"%s at home: strangers get every third turn, and a third of the places",
	async (_, ipOf) => {
		const work = new Work();
		const semaphore = new FairSemaphore(1, 12);
		const run = (name: string, origin: Origin) =>
			semaphore.run(origin, work.task(name)).catch(() => "refused");
		const first = run("first", from("192.0.2.9"));
		const home = Array.from({ length: 20 }, (_, i) => run("home", from(ipOf(i), "home")));
		const strangers = Array.from({ length: 4 }, (_, i) => run("stranger", from(`192.0.2.${i}`)));
		for (let i = 0; i < 13; i++) {
			await eventually(`${i + 1} begun`, () => work.begun.length === i + 1);
			work.finish(work.begun[i] ?? "");
		}
		expect(await Promise.all([first, ...strangers])).not.toContain("refused");
		expect((await Promise.all(home)).filter((end) => end === "refused")).toHaveLength(12);
		const third = ["home", "home", "stranger"];
		expect(work.begun).toEqual(["first", ...third, ...third, ...third, ...third]);
	},
);

test.each([4, 8])(
	"%i places: while others wait, tasks that hang hold a quarter of them",
	async (places) => {
		const work = new Work();
		const semaphore = new FairSemaphore(places, 1000);
		let hung = 0;
		const hang = () => void semaphore.run(from("192.0.2.1"), work.task(`hung ${hung++}`));
		for (let i = 0; i < 2 * places; i++) hang();
		await eventually("the first ones", () => work.begun.length === places);
		const others = Array.from({ length: 50 }, (_, i) =>
			semaphore.run(from(`198.51.100.${i % places}`), work.task(`other ${i}`)),
		);
		for (const name of work.begun.slice(places / 4)) work.finish(name);
		for (let i = 0; i < others.length; i++) {
			const next = await eventually(`other ${i}`, () => {
				return work.begun.filter((name) => name.startsWith("other"))[i];
			});
			work.finish(next);
		}
		await Promise.all(others);
		expect(work.begun.slice(places, places + 50)).toEqual(
			expect.not.arrayContaining([expect.stringContaining("hung")]),
		);
	},
);

test("when all places are taken the longest queue of the last rank pays", async () => {
	const work = new Work();
	const semaphore = new FairSemaphore(1, 4);
	const refused: string[] = [];
	const run = (name: string, origin: Origin) =>
		semaphore.run(origin, work.task(name)).catch(() => void refused.push(name));
	const first = run("first", from("192.0.2.9"));
	await work.waitUntilBegun("first");
	const all = [
		...["a1", "a2", "a3"].map((name) => run(name, from("192.0.2.1"))),
		...["b1", "b2", "c1"].map((name) => run(name, from(`192.0.2.${name[0]}`))),
		run("s1", from("192.0.2.3", "suspect")),
		...["h1", "h2"].map((name) => run(name, from("ann 192.0.2.1", "home"))),
	];
	await eventually("five refused", () => refused.length === 5);
	expect(refused).toEqual(["a3", "b2", "s1", "a2", "c1"]);
	work.finish("first");
	for (const name of ["h1", "h2", "a1", "b1"]) {
		await eventually(`${name} begun`, () => work.begun.includes(name));
		work.finish(name);
	}
	await Promise.all([first, ...all]);
});
