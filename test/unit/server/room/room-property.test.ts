import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { RoomHarness } from "./room-harness.ts";
import { TestClient } from "./test-client.ts";

// Random lives of a room. Every client checks all it receives (see test-client.ts): the newest
// key it was told opens it, and no event is missing, repeated or out of order, even after the
// client was away for a while.

const who = fc.nat(5);
const just = <T>(word: T) => fc.constant(word);
const step = fc.oneof(
	{ weight: 3, arbitrary: fc.record({ do: just("join"), who, as: fc.nat(5) }) },
	{ weight: 2, arbitrary: fc.record({ do: just("lose"), who }) },
	{ weight: 2, arbitrary: fc.record({ do: just("depart"), who }) },
	{ weight: 2, arbitrary: fc.record({ do: just("break"), who }) },
	{ weight: 3, arbitrary: fc.record({ do: just("resume"), who }) },
	{ weight: 2, arbitrary: fc.record({ do: just("confirm"), who }) },
	{ weight: 2, arbitrary: fc.record({ do: just("wait"), who: just(0), as: fc.nat(20) }) },
	{ weight: 6, arbitrary: fc.record({ do: just("say"), who, id: fc.nat(20) }) },
	{ weight: 3, arbitrary: fc.record({ do: just("tell"), who, as: fc.nat(5), id: fc.nat(20) }) },
	{ weight: 4, arbitrary: fc.record({ do: just("turn"), who: just(0) }) },
);
const manySteps = fc.array(step, { maxLength: 60, size: "max" });
type Step = { do: string; who: number; as?: number; id?: number };

/** A room and every client that was ever in it. */
class Life {
	readonly harness: RoomHarness;
	readonly clients: TestClient[] = [];
	/** The clients that said goodbye in this turn. */
	readonly #leaving = new Set<TestClient>();

	constructor(grace: number) {
		this.harness = new RoomHarness({ maxMembers: 5, grace, awayAfter: 10_000 });
	}

	/** The clients in the room, away or not. */
	get members(): TestClient[] {
		const { here } = this.harness;
		// The newest client with a name is the one that holds it.
		return here.flatMap((name) => this.clients.findLast((client) => client.name === name) ?? []);
	}

	/** The members that are connected. */
	get present(): TestClient[] {
		return this.members.filter((client) => client.isConnected);
	}

	do({ do: what, who, as = 0, id = 0 }: Step): void {
		const { harness, members, present } = this;
		const client = present[who % present.length];
		if (what === "turn") this.turn();
		else if (what === "join") this.#join(`account${who}`, `name${as}`);
		else if (what === "wait") this.#wait(as * 1000);
		else if (what === "resume") this.#resume(members[who % members.length]);
		else if (client === undefined) return;
		else if (what === "lose") harness.lose(client);
		else if (what === "depart") this.#depart(client);
		else if (what === "break") client.isBreaking = true;
		else if (what === "confirm") this.#confirm(client);
		else if (what === "tell") this.#tell(client, members[as % members.length], id);
		else harness.say(client, `text ${id}`, this.#idOf(client, id));
	}

	run(steps: Step[]): void {
		for (const one of steps) this.do(one);
		this.turn();
		// Everybody comes back, and one more event brings out what the steps left wrong.
		for (const client of this.members) if (!client.isConnected) this.harness.resume(client);
		for (const client of this.present) this.harness.say(client, "the end", "the-end");
		this.turn();
		for (const client of this.members) if (!client.isConnected) this.harness.resume(client);
		this.turn();
	}

	/** A member that is connected at the end of a turn has received all its events. */
	turn(): void {
		const { present } = this;
		this.#leaving.clear();
		this.harness.turn();
		const seq = this.harness.events.length;
		for (const client of present) {
			if (client.isConnected) expect(client.seq).toBeGreaterThanOrEqual(seq);
		}
	}

	/** Everything that a client should have received between its welcome and its end. */
	due(client: TestClient): unknown[] {
		return this.harness.dueTo(client, client.toldOf("welcome")[0]?.seq ?? Number.POSITIVE_INFINITY);
	}

	#join(account: string, name: string): void {
		const client = new TestClient(this.harness, name, account);
		if (this.harness.room.admissionError(client)) return;
		this.clients.push(client);
		this.harness.enter(client);
	}

	#wait(milliseconds: number): void {
		this.harness.now += milliseconds;
		this.harness.room.tick();
	}

	/** May happen while the server still takes the old connection for a live one. */
	#resume(client: TestClient | undefined): void {
		if (client?.token) this.harness.resume(client);
	}

	#depart(client: TestClient): void {
		this.#leaving.add(client);
		this.harness.depart(client);
	}

	/** Only a client that has received "welcome" or "resumed" sends anything. */
	#confirm(client: TestClient): void {
		if (client.member && client.token) this.harness.room.members.confirmResumeToken(client.member);
	}

	/** No client says goodbye and then something else. */
	#tell(client: TestClient, to: TestClient | undefined, id: number): void {
		if (!to || this.#leaving.has(client)) return;
		this.harness.tell(client, to.name, `text ${id}`, this.#idOf(client, id));
	}

	/** A new visit uses new ids, even under the same name: a real client's ids are random. */
	#idOf(client: TestClient, id: number): string {
		return `${this.clients.indexOf(client)}-${id}`;
	}
}

const GRACES = [0, 30_000];

describe.each(GRACES)("with a grace of %d ms", (grace) => {
	test("every member hears every event of its stay, in order, with the keys it was told", () => {
		fc.assert(
			fc.property(manySteps, (steps) => {
				const life = new Life(grace);
				life.run(steps);
				const { events, here } = life.harness;
				expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
				for (const client of life.clients) {
					expect(client.heard).toEqual(life.due(client).slice(0, client.heard.length) as never);
					expect(client.lost).toEqual({ events: 0, told: 0 });
				}
				for (const client of life.present) {
					expect(client.heard).toEqual(life.due(client) as never);
					expect(client.seq).toBe(events.length);
					expect(client.members).toEqual(here);
				}
				const away = life.members.filter(({ member }) => member?.isAway).map(({ name }) => name);
				for (const client of life.present) {
					const known = away.filter((name) => !client.perhapsAway.includes(name));
					expect(client.away.sort()).toEqual(known.sort());
				}
			}),
			{ numRuns: 500 },
		);
	});

	test("nobody can open what was said before its welcome, or once it had left", () => {
		fc.assert(
			fc.property(manySteps, (steps) => {
				const life = new Life(grace);
				life.run(steps);
				const lines = [...new Set(life.clients.flatMap((client) => client.lines))];
				for (const client of life.clients) {
					const from = client.toldOf("welcome")[0]?.seq ?? 0;
					const left = life.harness.events.find(
						({ type, seq, ...event }) =>
							type === "left" && seq > from && "name" in event && event.name === client.name,
					);
					const read = lines.flatMap((line) => client.read(line) ?? []).map(({ seq }) => seq);
					expect(Math.min(...read)).toBeGreaterThan(from);
					expect(Math.max(...read)).toBeLessThan(left?.seq ?? Number.POSITIVE_INFINITY);
					expect(client.lines.every((line) => client.canOpen(line))).toBe(true);
				}
			}),
			{ numRuns: 200 },
		);
	});
});

test("without a grace, every member can open what was sent to it, and nothing else", () => {
	fc.assert(
		fc.property(manySteps, (steps) => {
			const life = new Life(0);
			// A member that resumed knows the keys of what went to its earlier connection.
			life.run(steps.filter(({ do: what }) => what !== "resume"));
			const lines = new Set(life.clients.flatMap((client) => client.lines));
			for (const client of life.clients) {
				const unheard = `${client.brokeAtKey} `;
				const open = [...lines].filter((line) => client.canOpen(line));
				const sent = open.filter(
					(line) => client.lines.includes(line) || !line.toString("latin1").startsWith(unheard),
				);
				expect(sent).toEqual(client.lines);
			}
		}),
		{ numRuns: 200 },
	);
});
