import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
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

const join = (names: string[]): Promise<Guest[]> =>
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

let stage: Stage;
/** One of the members who stay; each test leaves the room to them. */
let first: Guest;
beforeAll(async () => {
	stage = await Stage.local(...FLAGS);
	const [guest] = await join(named("c", LARGE));
	if (!guest) throw new Error("nobody has joined");
	first = guest;
	await waitUntilHeard(LARGE);
});
afterAll(() => stage[Symbol.asyncDispose]());
afterEach(() => expect(first.faults).toEqual([]));

const waitUntilHeard = (seq: number): Promise<true> =>
	eventually(`${seq} events`, () => first.seq >= seq);

test("a crowd comes into a large room together, and leaves it together", async () => {
	const { seq, keys } = first;
	const crowd = await trickle(named("b", CROWD), (name) => Guest.join(stage, name));
	await waitUntilHeard(seq + CROWD);
	expect(first.keys - keys).toBeLessThan(CROWD / 4);

	const between = first.keys;
	await trickle(crowd, (guest) => guest.leave());
	await waitUntilHeard(seq + 2 * CROWD);
	expect(first.keys - between).toBeLessThan(CROWD / 4);
});

test("in a large room somebody who comes alone is in within a second, and heard", async () => {
	const { seq, heard } = first;
	const [late] = await join(["late"]);
	await late?.say("here I am");
	await eventually("the late one heard", () => first.heard === heard + 1);
	await late?.leave();
	await waitUntilHeard(seq + 3);
});

test("a client that hangs up while waiting to join does not join", async () => {
	const { seq } = first;
	// Having let this one in, the server lets nobody in for a quarter of a second.
	const [early] = await join(["early"]);
	const asked = stage.logins.length;
	const fickle = new Guest(stage, "fickle");
	fickle.send({ type: "login", name: "fickle", email: "fickle@gmail.com", password: PASSWORD });
	await eventually("the mailbox asked", () => stage.logins.length > asked);
	fickle.cut();
	const [late] = await join(["late"]);
	await waitUntilHeard(seq + 2);
	// Only "early" and "late" have joined.
	expect(first.seq).toBe(seq + 2);
	await Promise.all([early?.leave(), late?.leave()]);
	await waitUntilHeard(seq + 4);
});

test("a member that says goodbye twice leaves once", async () => {
	const { seq } = first;
	const [leaver] = await join(["leaver"]);
	leaver?.send({ type: "leave" });
	leaver?.send({ type: "leave" });
	await leaver?.waitUntilClosed();
	await join(["late"]);
	await waitUntilHeard(seq + 3);
	// The leaver joined and left, and "late" joined.
	expect(first.seq).toBe(seq + 3);
});

// The last, because it ends the room.
test("a member that says goodbye just before the server stops has left", async () => {
	const [leaver] = await join(["leaver"]);
	if (!leaver) throw new Error("nobody has joined");
	leaver.send({ type: "leave" });
	leaver.send({ type: "ping", private: 0 });
	await leaver.waitFor("pong");
	stage.server.kill("SIGTERM");
	await stage.server.exit();
	const { code } = await leaver.waitFor("closing");
	expect(code).toBe("left");
});
