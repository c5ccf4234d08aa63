import { expect, test } from "bun:test";
import fc from "fast-check";
import { DeliveryHarness } from "./delivery-harness.ts";
import { named } from "./pending-samples.ts";

const numRuns = Number(process.env.TEST_RUNS ?? 300);

/** A room and a connection to it, whose every delay and break a test controls. */
class Network extends DeliveryHarness {
	/** What the room has, in its order. */
	readonly room: string[] = [];
	/** The room's answers that have not arrived: echoes, and refusals of what it has already. */
	#answers: { id: string; isEcho: boolean }[] = [];
	/** How much of what was sent has reached the room, or was lost on the way to it. */
	#taken = 0;

	take(count: number): void {
		if (!this.isOnline) return;
		for (const id of this.sentIds.slice(this.#taken, this.#taken + count)) {
			const isEcho = !this.room.includes(id);
			if (isEcho) this.room.push(id);
			this.#answers.push({ id, isEcho });
			this.#taken++;
		}
	}

	answer(count: number): void {
		if (!this.isOnline) return;
		for (const { id, isEcho } of this.#answers.splice(0, count)) {
			if (isEcho) this.hears(id);
			else this.isRefused("already_said", id);
		}
	}

	/** What is on its way to the room is lost; the room keeps its newest `kept` echoes. */
	cut(kept: number): void {
		if (!this.isOnline) return;
		this.#taken = this.sent.length;
		const echoes = this.#answers.filter(({ isEcho }) => isEcho);
		this.#answers = echoes.slice(Math.max(0, echoes.length - kept));
		this.breaks();
	}

	restore(heard: number): void {
		if (this.isOnline) return;
		this.returns();
		this.answer(heard);
	}

	/** All that the room has kept has come. */
	catchUp(): void {
		if (!this.isOnline) return;
		this.answer(Number.POSITIVE_INFINITY);
		this.pong();
	}

	/** Nothing breaks any more, and nothing is late. */
	settle(): void {
		this.restore(0);
		this.catchUp();
		this.delivery.resendFailures();
		while (this.pendingIds.length > 0) {
			const { length } = this.pendingIds;
			this.take(Number.POSITIVE_INFINITY);
			this.answer(Number.POSITIVE_INFINITY);
			expect(this.pendingIds.length).toBeLessThan(length);
		}
	}
}

const anyStep = fc.tuple(
	fc.constantFrom("say", "take", "answer", "cut", "restore", "catchUp", "late", "again"),
	fc.nat(100),
);

test("however often the connection breaks, the room gets every message once, in order", () => {
	fc.assert(
		fc.property(fc.array(anyStep, { size: "medium" }), (steps) => {
			const network = new Network();
			const given: string[] = [];
			for (const [what, count] of steps) {
				if (what === "say") {
					const ids = named(count, `${given.length}-`);
					given.push(...ids);
					network.says(...ids);
				} else if (what === "late") network.passes();
				else if (what === "again") network.delivery.resendFailures();
				else network[what](count);
				expect(network.inFlight).toBeLessThanOrEqual(64);
			}
			network.settle();
			expect(network.room).toEqual(given);
		}),
		{ numRuns },
	);
});
