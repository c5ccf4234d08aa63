import { expect, test } from "bun:test";
import { Guest } from "../../support/crowd.ts";
import { eventually } from "../../support/eventually.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Stage } from "../../support/programs.ts";

// The server sends everybody a new key whenever somebody comes or goes. A large room lets
// people in and out in groups, or the cost of a crowd would grow with the square of its size.

const LARGE = 256;
const CROWD = 64;
/** Milliseconds between two acts of `trickle`. */
const STEP = 2;
/** The flags of a room for a crowd that comes from one address. */
const FLAGS = ["--max-per-address", "1000", "--gmail-checks", "256"];

const join = (stage: Stage, names: string[]): Promise<Guest[]> =>
	Promise.all(names.map(async (name) => stage.tidy(await Guest.join(stage, name))));

/** Acts for each in turn, `STEP` apart, so that the server hears of each one separately. */
async function trickle<T, R>(each: T[], act: (one: T) => Promise<R>): Promise<R[]> {
	const acts: Promise<R>[] = [];
	for (const one of each) {
		acts.push(act(one));
		await Bun.sleep(STEP);
	}
	return Promise.all(acts);
}

const named = (prefix: string, count: number): string[] =>
	Array.from({ length: count }, (_, i) => `${prefix}${i}`);

test("a crowd comes into a large room together, and leaves it together", async () => {
	await using stage = await Stage.open(...FLAGS);
	const [first] = await join(stage, named("c", LARGE));
	if (!first) throw new Error("nobody has joined");
	await eventually("all heard", () => first.seq >= LARGE);

	const before = first.keys;
	const crowd = await trickle(named("b", CROWD), (name) => Guest.join(stage, name));
	await eventually("the crowd heard", () => first.seq >= LARGE + CROWD);
	expect(first.keys - before).toBeLessThan(CROWD / 4);

	const between = first.keys;
	await trickle(crowd, (guest) => guest.leave());
	await eventually("the crowd gone", () => first.seq >= LARGE + 2 * CROWD);
	expect(first.keys - between).toBeLessThan(CROWD / 4);
	expect(first.faults).toEqual([]);
});

test("in a large room somebody who comes alone is in within a second, and heard", async () => {
	await using stage = await Stage.open(...FLAGS);
	const [first] = await join(stage, named("c", LARGE));
	const [late] = await join(stage, ["late"]);
	await late?.say("here I am");
	await eventually("the late one heard", () => first?.heard === 1);
});

test("a client that hangs up while waiting to join does not join", async () => {
	await using stage = await Stage.open(...FLAGS);
	const [first] = await join(stage, named("c", LARGE));
	if (!first) throw new Error("nobody has joined");
	await eventually("all heard", () => first.seq >= LARGE);
	// Having let this one in, the server lets nobody in for a quarter of a second.
	await join(stage, ["early"]);
	const asked = stage.logins.length;
	const fickle = new Guest(stage, "fickle");
	fickle.send({ type: "login", name: "fickle", email: "fickle@gmail.com", password: PASSWORD });
	await eventually("the mailbox asked", () => stage.logins.length > asked);
	fickle.cut();
	const [late] = await join(stage, ["late"]);
	await eventually("late heard", () => first.seq > LARGE + 1);
	// Only "early" and "late" have joined.
	expect(first.seq).toBe(LARGE + 2);
	await late?.leave();
});

test("a member that says goodbye twice leaves once", async () => {
	await using stage = await Stage.open(...FLAGS);
	const [first] = await join(stage, named("c", LARGE));
	const [leaver] = await join(stage, ["leaver"]);
	leaver?.send({ type: "leave" });
	leaver?.send({ type: "leave" });
	await leaver?.waitUntilClosed();
	await join(stage, ["late"]);
	await eventually("late heard", () => first && first.seq >= LARGE + 3);
	// The leaver joined and left, and "late" joined.
	expect(first?.seq).toBe(LARGE + 3);
	expect(first?.faults).toEqual([]);
});
