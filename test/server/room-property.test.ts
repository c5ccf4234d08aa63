import { expect, test } from "bun:test";
import fc from "fast-check";
import { Ear, Scene } from "./scene.ts";

// Random lives of a room. While they last every ear checks what it hears, see scene.ts: the newest
// key it was told opens it, and no event is missing, repeated or out of order.

const step = fc.oneof(
	{ weight: 3, arbitrary: fc.record({ do: fc.constant("join"), who: fc.nat(5), as: fc.nat(5) }) },
	{ weight: 2, arbitrary: fc.record({ do: fc.constant("leave"), who: fc.nat(5) }) },
	{ weight: 2, arbitrary: fc.record({ do: fc.constant("depart"), who: fc.nat(5) }) },
	{ weight: 2, arbitrary: fc.record({ do: fc.constant("break"), who: fc.nat(5) }) },
	{ weight: 6, arbitrary: fc.record({ do: fc.constant("say"), who: fc.nat(5), id: fc.nat(20) }) },
	{ weight: 4, arbitrary: fc.record({ do: fc.constant("turn"), who: fc.constant(0) }) },
);
const manySteps = fc.array(step, { maxLength: 60, size: "max" });
type Step = { do: string; who: number; as?: number; id?: number };

/** A room and everybody who was ever in it. */
class Life {
	readonly scene = new Scene(5);
	readonly ears: Ear[] = [];

	/** Whoever is in the room. */
	get present(): Ear[] {
		const here = new Set(this.scene.room.roster().map(({ name }) => name));
		// The newest of a name is the one that holds it.
		return [...here].flatMap((name) => this.ears.findLast((ear) => ear.name === name) ?? []);
	}

	do({ do: what, who, as = 0, id = 0 }: Step): void {
		const { room } = this.scene;
		const { present } = this;
		const ear = present[who % present.length];
		if (what === "turn") this.turn();
		else if (what === "join") this.#join(`account${who}`, `name${as}`);
		else if (ear === undefined) return;
		else if (what === "leave") room.leave(ear);
		else if (what === "depart") room.depart(ear);
		else if (what === "break") ear.isBreaking = true;
		else this.scene.say(ear, `text ${id}`, `id-${id}`);
	}

	run(steps: Step[]): void {
		for (const one of steps) this.do(one);
		this.turn();
		// Whatever the steps have left wrong, one more event brings out.
		for (const ear of this.present) this.scene.say(ear, "the end", "the-end");
		this.turn();
		this.turn();
	}

	#join(account: string, name: string): void {
		const ear = new Ear(this.scene, name, account);
		if (this.scene.room.obstacle(ear)) return;
		this.ears.push(ear);
		this.scene.room.join(ear);
	}

	/** Whoever is here at the end of a turn has heard all that it brought. */
	turn(): void {
		const { present } = this;
		const seq = this.scene.events.length;
		this.scene.turn();
		for (const ear of present) expect(ear.seq).toBeGreaterThanOrEqual(seq);
	}
}

test("every member hears every event of its stay, in order, with the keys it was told", () => {
	fc.assert(
		fc.property(manySteps, (steps) => {
			const life = new Life();
			life.run(steps);
			const { events, room } = life.scene;
			expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
			for (const ear of life.ears) {
				const first = ear.toldOf("welcome")[0]?.seq ?? 0;
				expect(ear.events).toEqual(events.slice(first, first + ear.events.length));
			}
			for (const ear of life.present) {
				expect(ear.seq).toBe(events.length);
				expect(ear.members).toEqual(room.roster().map(({ name }) => name));
			}
		}),
		{ numRuns: 500 },
	);
});

test("every member can open what was sent to it, and nothing else", () => {
	fc.assert(
		fc.property(manySteps, (steps) => {
			const life = new Life();
			life.run(steps);
			const lines = new Set(life.ears.flatMap((ear) => ear.lines));
			for (const ear of life.ears) {
				expect([...lines].filter((line) => ear.canOpen(line))).toEqual(ear.lines);
			}
		}),
		{ numRuns: 200 },
	);
});
