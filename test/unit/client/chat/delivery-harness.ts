import { Delivery } from "../../../../lib/client/chat/delivery.ts";
import type { Say, Tell, Welcome } from "../../../../lib/wire/messages/messages.ts";
import { say } from "./pending-samples.ts";

const [SEQ, AT] = [1, 0];

/** A delivery whose connection and time a test controls, and everything that it does. */
export class DeliveryHarness {
	now = 1_000_000;
	isOnline = true;
	#isSettled: boolean;
	readonly sent: (Say | Tell)[] = [];
	readonly failures: [id: string, code: string, reason: string | undefined][] = [];
	readonly delivery: Delivery;
	readonly #welcome: Welcome;

	/** `welcomed`: more of the welcome. */
	constructor(welcomed: Pick<Welcome, "history"> = {}) {
		const place = { epoch: 1, key: "", seq: 0, resume: "", grace: 0 };
		const harness = this;
		this.#isSettled = welcomed.history === undefined;
		this.#welcome = { type: "welcome", name: "ann", members: [], ...place, ...welcomed };
		this.delivery = new Delivery({
			membership: {
				get isSettled() {
					return harness.#isSettled;
				},
				send: (message) => void this.sent.push(message as Say | Tell),
				welcome: this.#welcome,
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

	breaks(): void {
		this.isOnline = false;
		this.#isSettled = false;
		this.delivery.receive({ type: "offline", code: "server_lost", text: "It broke." });
	}

	/** The room does not know us any more: we are about to log in again. */
	losesItsPlace(): boolean {
		return this.delivery.receive({ type: "rejoining", code: "resume_expired", text: "Gone." });
	}

	/** We have logged in again, and nothing is replayed. */
	rejoins(): boolean {
		this.isOnline = true;
		this.#isSettled = true;
		return this.delivery.receive(this.#welcome);
	}

	/** The connection is restored, and what was missed begins to come. */
	returns(): boolean {
		this.isOnline = true;
		return this.delivery.receive({ type: "online", lost: 0 });
	}

	/** All that was missed has come. */
	pong(): boolean {
		this.#isSettled = true;
		return this.delivery.receive({ type: "pong" });
	}

	/** Lets more time pass than a delivery waits for an echo. */
	passes(): void {
		this.now += 60_000;
		this.delivery.checkOverdue();
	}

	get sentIds(): string[] {
		return this.sent.map(({ id }) => id);
	}

	get pendingIds(): string[] {
		return this.delivery.pending.map(({ message }) => message.id);
	}

	/** How many messages are in flight. */
	get inFlight(): number {
		return this.delivery.pending.filter(({ state }) => state === "sent").length;
	}
}
