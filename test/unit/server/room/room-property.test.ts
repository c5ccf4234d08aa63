import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Ear, Scene } from "./test-room.ts";

// Random lives of a room. While they last every ear checks what it hears, see scene.ts: the newest
// key it was told opens it, and no event is missing, repeated or out of order, also when it was
// away for a while.

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

/** A room and everybody who was ever in it. */
class Life {
	readonly scene: Scene;
	readonly ears: Ear[] = [];
	/** Said goodbye in this turn. */
	readonly #leaving = new Set<Ear>();

	constructor(grace: number) {
		this.scene = new Scene({ maxMembers: 5, grace, awayAfter: 10_000 });
	}

	/** Whoever is in the room, away or not. */
	get members(): Ear[] {
		const { here } = this.scene;
		// The newest of a name is the one that holds it.
		return here.flatMap((name) => this.ears.findLast((ear) => ear.name === name) ?? []);
	}

	/** Whoever of them is connected. */
	get present(): Ear[] {
		return this.members.filter((ear) => ear.isConnected);
	}

	do({ do: what, who, as = 0, id = 0 }: Step): void {
		const { scene, members, present } = this;
		const ear = present[who % present.length];
		if (what === "turn") this.turn();
		else if (what === "join") this.#join(`account${who}`, `name${as}`);
		else if (what === "wait") this.#wait(as * 1000);
		else if (what === "resume") this.#resume(members[who % members.length]);
		else if (ear === undefined) return;
		else if (what === "lose") scene.lose(ear);
		else if (what === "depart") this.#depart(ear);
		else if (what === "break") ear.isBreaking = true;
		else if (what === "confirm") this.#confirm(ear);
		else if (what === "tell") this.#tell(ear, members[as % members.length], id);
		else scene.say(ear, `text ${id}`, this.#idOf(ear, id));
	}

	run(steps: Step[]): void {
		for (const one of steps) this.do(one);
		this.turn();
		// Whatever the steps have left wrong, one more event brings out, and everybody comes back.
		for (const ear of this.members) if (!ear.isConnected) this.scene.resume(ear);
		for (const ear of this.present) this.scene.say(ear, "the end", "the-end");
		this.turn();
		for (const ear of this.members) if (!ear.isConnected) this.scene.resume(ear);
		this.turn();
	}

	/** Whoever is here at the end of a turn has heard all that it brought. */
	turn(): void {
		const { present } = this;
		this.#leaving.clear();
		this.scene.turn();
		const seq = this.scene.events.length;
		for (const ear of present) {
			if (ear.isConnected) expect(ear.seq).toBeGreaterThanOrEqual(seq);
		}
	}

	/** All that an ear was to hear while it was in the room, as far as its welcome went. */
	due(ear: Ear): unknown[] {
		return this.scene.dueTo(ear, ear.toldOf("welcome")[0]?.seq ?? Number.POSITIVE_INFINITY);
	}

	#join(account: string, name: string): void {
		const ear = new Ear(this.scene, name, account);
		if (this.scene.room.admissionError(ear)) return;
		this.ears.push(ear);
		this.scene.enter(ear);
	}

	#wait(milliseconds: number): void {
		this.scene.now += milliseconds;
		this.scene.room.tick();
	}

	/** Also while the old connection still holds, as far as the server knows. */
	#resume(ear: Ear | undefined): void {
		if (ear?.token) this.scene.resume(ear);
	}

	#depart(ear: Ear): void {
		this.#leaving.add(ear);
		this.scene.depart(ear);
	}

	/** Only who has heard `welcome` or `resumed` sends anything. */
	#confirm(ear: Ear): void {
		if (ear.member && ear.token) this.scene.room.members.confirmResumeToken(ear.member);
	}

	/** Nobody says goodbye and then something else. */
	#tell(ear: Ear, to: Ear | undefined, id: number): void {
		if (!to || this.#leaving.has(ear)) return;
		this.scene.tell(ear, to.name, `text ${id}`, this.#idOf(ear, id));
	}

	/** Who comes anew, under the same name too, has ids of its own: a client's are random. */
	#idOf(ear: Ear, id: number): string {
		return `${this.ears.indexOf(ear)}-${id}`;
	}
}

const GRACES = [0, 30_000];

describe.each(GRACES)("with a grace of %d ms", (grace) => {
	test("every member hears every event of its stay, in order, with the keys it was told", () => {
		fc.assert(
			fc.property(manySteps, (steps) => {
				const life = new Life(grace);
				life.run(steps);
				const { events, here } = life.scene;
				expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
				for (const ear of life.ears) {
					expect(ear.heard).toEqual(life.due(ear).slice(0, ear.heard.length) as never);
					expect(ear.lost).toEqual({ events: 0, told: 0 });
				}
				for (const ear of life.present) {
					expect(ear.heard).toEqual(life.due(ear) as never);
					expect(ear.seq).toBe(events.length);
					expect(ear.members).toEqual(here);
				}
				const away = life.members.filter(({ member }) => member?.isAway).map(({ name }) => name);
				for (const ear of life.present) {
					const known = away.filter((name) => !ear.perhapsAway.includes(name));
					expect(ear.away.sort()).toEqual(known.sort());
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
				const lines = [...new Set(life.ears.flatMap((ear) => ear.lines))];
				for (const ear of life.ears) {
					const from = ear.toldOf("welcome")[0]?.seq ?? 0;
					const left = life.scene.events.find(
						({ type, seq, ...event }) =>
							type === "left" && seq > from && "name" in event && event.name === ear.name,
					);
					const read = lines.flatMap((line) => ear.read(line) ?? []).map(({ seq }) => seq);
					expect(Math.min(...read)).toBeGreaterThan(from);
					expect(Math.max(...read)).toBeLessThan(left?.seq ?? Number.POSITIVE_INFINITY);
					expect(ear.lines.every((line) => ear.canOpen(line))).toBe(true);
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
			// Who comes back by another connection has the keys of what went to the one before.
			life.run(steps.filter(({ do: what }) => what !== "resume"));
			const lines = new Set(life.ears.flatMap((ear) => ear.lines));
			for (const ear of life.ears) {
				const unheard = `${ear.brokeAtKey} `;
				const open = [...lines].filter((line) => ear.canOpen(line));
				const sent = open.filter(
					(line) => ear.lines.includes(line) || !line.toString("latin1").startsWith(unheard),
				);
				expect(sent).toEqual(ear.lines);
			}
		}),
		{ numRuns: 200 },
	);
});
