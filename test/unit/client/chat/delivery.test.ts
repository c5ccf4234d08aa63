import { describe, expect, test } from "bun:test";
import { Delivery } from "../../../../lib/client/chat/delivery.ts";
import type { ClientMessage, Say } from "../../../../lib/wire/messages.ts";

const say = (id: string): Say => ({ type: "say", id, text: `text ${id}` });
const [SEQ, AT] = [1, 0];

/** A delivery whose connection and time a test controls, and all that comes of it. */
class Scene {
	now = 1_000_000;
	isOnline = true;
	readonly sent: ClientMessage[] = [];
	readonly failures: [id: string, code: string, reason: string | undefined][] = [];
	readonly delivery: Delivery;

	constructor() {
		const place = { epoch: 1, key: "", seq: 0, resume: "", grace: 0 };
		const scene = this;
		this.delivery = new Delivery({
			membership: {
				get isOnline() {
					return scene.isOnline;
				},
				send: (message) => void this.sent.push(message),
				welcome: { type: "welcome", name: "ann", members: [], ...place },
			},
			now: () => this.now,
			onFailure: ({ message, failure }, code) => {
				this.failures.push([message.id, code, failure]);
			},
		});
	}

	says(...ids: string[]): void {
		for (const id of ids) this.delivery.send(say(id));
	}

	hears(id: string, from = "ann"): boolean {
		const { text } = say(id);
		return this.delivery.receive({ type: "said", seq: SEQ, at: AT, from, id, text });
	}

	isRefused(code: string, id?: string): boolean {
		return this.delivery.receive({ type: "refused", code, text: "no", ...(id && { id }) });
	}

	/** Later than any echo is waited for. */
	passes(): void {
		this.now += 60_000;
		this.delivery.checkOverdue();
	}

	get sentIds(): unknown[] {
		return this.sent.map((message) => ("id" in message ? message.id : undefined));
	}

	get pendingIds(): string[] {
		return this.delivery.pending.map(({ message }) => message.id);
	}
}

/** Whether a promise has resolved, once everything that is due has run. */
async function isResolved(promise: Promise<void>): Promise<boolean> {
	let resolved = false;
	void promise.then(() => {
		resolved = true;
	});
	await new Promise<void>((resolve) => setImmediate(resolve));
	return resolved;
}

describe("what becomes of a message", () => {
	test("its echo is for everybody to see, and ends it", () => {
		const scene = new Scene();
		scene.says("a", "b");
		expect(scene.hears("a")).toBe(false);
		expect([scene.sentIds, scene.pendingIds]).toEqual([["a", "b"], ["b"]]);
		const echo = { type: "told", id: "b", at: AT, from: "ann", to: "bob", text: "text" } as const;
		expect(scene.delivery.receive(echo)).toBe(false);
		expect(scene.pendingIds).toEqual([]);
	});

	test("another's message under its id means nothing", () => {
		const scene = new Scene();
		scene.says("a");
		expect(scene.hears("a", "bob")).toBe(false);
		expect(scene.pendingIds).toEqual(["a"]);
	});

	test("a refusal fails it, with the server's code and reason", () => {
		const scene = new Scene();
		scene.says("a", "b");
		expect(scene.isRefused("no_such_member", "a")).toBe(true);
		expect(scene.failures).toEqual([["a", "no_such_member", "no"]]);
		expect(scene.pendingIds).toEqual(["a", "b"]);
	});

	test.each([undefined, "x"])("a refusal of something else is news: %p", (id) => {
		const scene = new Scene();
		scene.says("a");
		expect(scene.isRefused("no", id)).toBe(false);
		expect(scene.failures).toEqual([]);
	});

	test("already said is as good as the echo, and news only where that got lost", () => {
		const scene = new Scene();
		scene.says("a");
		expect(scene.isRefused("already_said", "a")).toBe(false);
		expect(scene.isRefused("already_said", "a")).toBe(true);
		expect([scene.pendingIds, scene.failures]).toEqual([[], []]);
	});

	test("no echo fails it, once, and no earlier while the connection is broken", () => {
		const scene = new Scene();
		scene.says("a");
		scene.isOnline = false;
		scene.passes();
		expect(scene.failures).toEqual([]);
		scene.isOnline = true;
		scene.passes();
		scene.passes();
		expect(scene.failures).toEqual([["a", "no_echo", expect.any(String)]]);
	});
});

test("after a break what is in flight is sent again, and has its time again", () => {
	const scene = new Scene();
	scene.says("a", "b", "c");
	scene.hears("a");
	scene.isRefused("no", "b");
	scene.now += 60_000;
	expect(scene.delivery.receive({ type: "online", lost: 0 })).toBe(false);
	expect(scene.sentIds).toEqual(["a", "b", "c", "c"]);
	scene.delivery.checkOverdue();
	expect(scene.failures).toEqual([["b", "no", "no"]]);
});

test("what failed is sent again or forgotten, and what is in flight is neither", () => {
	const scene = new Scene();
	scene.delivery.restore([say("old")]);
	scene.says("a", "b");
	scene.isRefused("no", "a");
	expect(scene.delivery.pending.map(({ failure }) => failure === undefined)).toEqual([
		false,
		false,
		true,
	]);
	expect(scene.delivery.resendFailures()).toBe(2);
	expect(scene.sentIds).toEqual(["a", "b", "old", "a"]);
	expect(scene.delivery.resendFailures()).toBe(0);
	scene.isRefused("no", "old");
	scene.delivery.forgetFailures();
	expect(scene.pendingIds).toEqual(["a", "b"]);
});

describe("waiting", () => {
	test("there is nothing to wait for at first", async () => {
		const { delivery } = new Scene();
		expect(await isResolved(delivery.waitForCapacity())).toBe(true);
		expect(await isResolved(delivery.waitUntilSettled())).toBe(true);
	});

	const ids = Array.from({ length: 64 }, (_, index) => `m${index}`);
	const endings: [what: string, end: (scene: Scene, id: string) => void][] = [
		["an echo", (scene, id) => scene.hears(id)],
		["a refusal", (scene, id) => scene.isRefused("no", id)],
		["already said", (scene, id) => scene.isRefused("already_said", id)],
	];
	test.each(endings)("64 are in flight at most: %s makes room for one more", async (_, end) => {
		const scene = new Scene();
		scene.says(...ids.slice(1));
		expect(await isResolved(scene.delivery.waitForCapacity())).toBe(true);
		scene.says("m0");
		const capacity = scene.delivery.waitForCapacity();
		const settled = scene.delivery.waitUntilSettled();
		expect(await isResolved(capacity)).toBe(false);
		end(scene, "m7");
		expect([await isResolved(capacity), await isResolved(settled)]).toEqual([true, false]);
		for (const id of ids) end(scene, id);
		expect(await isResolved(settled)).toBe(true);
	});

	test("what is overdue is in flight no more", async () => {
		const scene = new Scene();
		scene.says(...ids);
		const settled = scene.delivery.waitUntilSettled();
		expect(await isResolved(settled)).toBe(false);
		scene.passes();
		expect(await isResolved(settled)).toBe(true);
	});
});
