import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Guest, type Place, usage } from "../../support/crowd.ts";
import { eventually } from "../../support/eventually.ts";
import {
	broadcast,
	FLOOD_FLAGS,
	flood,
	MIB,
	SLACK,
	waitUntilReleased,
} from "../../support/flood.ts";
import { Stage } from "../../support/programs.ts";

// Members who do not read what the room says. test/long/load.ts does the same with many more of them.

/** More than a system keeps for a reader, 4 MiB on Linux, and the shortest queue together. */
const FLOOD = 7 * MIB;

/** A server whose memory a test measures. */
let measured: Stage;
/** A room that remembers all that is said here. */
let room: Stage;

beforeAll(async () => {
	measured = await Stage.open("--max-members", "100", ...FLOOD_FLAGS);
	const how = { isLocal: true, isPaged: true };
	room = await Stage.openWith(how, "--log-bytes", String(64 * MIB), ...FLOOD_FLAGS);
});

afterAll(async () => {
	await measured[Symbol.asyncDispose]();
	await room[Symbol.asyncDispose]();
});

test("stalled readers cost bounded memory and nobody else's time", async () => {
	const stage = measured;
	const { before, during, base, peak, stalled, faults } = await flood(stage, FLOOD, 10);
	expect(faults).toEqual([]);
	for (const guest of stalled) await waitUntilReleased(stage, guest);
	// Each stalled reader may cost its queue, and no more.
	expect(peak).toBeLessThan(base + stalled.length * MIB + SLACK);
	expect(during).toBeLessThan(3 * before + 20);
});

/** Adds a member that reads nothing until its queue is full and the server lets it go. */
async function sleeper(
	stage: Place,
	loud: Guest,
	meanwhile = (_guest: Guest): void => {},
): Promise<Guest> {
	const guest = await Guest.join(stage, "sleeper");
	guest.stall();
	const letGo = waitUntilReleased(stage, guest);
	let isGone = false;
	const gone = letGo.then(() => {
		isGone = true;
	});
	while (!isGone) {
		await broadcast(loud, MIB / 4);
		meanwhile(guest);
	}
	await gone;
	return guest;
}

/** What else waits for the reader: lines that are for it alone, and counted. */
const amid: [what: string, meanwhile: (guest: Guest, loud: Guest) => void][] = [
	["what is said", () => {}],
	["private lines", (_, loud) => loud.tell("sleeper", "psst")],
	["what it asks for", (guest) => guest.send({ type: "who" })],
];
const transports: [transport: string, open: () => Place][] = [
	["over a socket", () => ({ port: room.port, keys: room.keys })],
	["over a page's WebSocket", () => room],
];
const readers = transports.flatMap(([transport, open]) =>
	amid.map(
		([what, meanwhile]) => [`${transport} gets too_slow amid ${what}`, open, meanwhile] as const,
	),
);
test.each(readers)(
	"a reader that wakes up %s, and has missed nothing once it has resumed",
	async (_, open, meanwhile) => {
		const place = open();
		await using loud = await Guest.join(room, "loud");
		const guest = await sleeper(place, loud, (guest) => meanwhile(guest, loud));
		guest.wake();
		expect(await guest.waitFor("closing")).toMatchObject({ code: "too_slow" });
		await guest.waitUntilClosed();

		await using back = await Guest.resume(place, guest);
		const has = () => [back.seq, back.private].join();
		const all = () => [loud.seq, loud.private].join();
		await eventually("all that was missed", () => has() === all(), has);
		expect(back.lost).toBe(0);
		expect([...guest.faults, ...back.faults, ...loud.faults]).toEqual([]);
	},
);

/** Brings `old` back: it reads nothing while `loud` talks on, and then what there is. */
async function comeBackSleepy(stage: Stage, old: Guest, loud: Guest): Promise<Guest> {
	const guest = Guest.resuming(stage, old);
	guest.stall();
	for (let i = 0; i < 50; i++) await loud.say("tick");
	guest.wake();
	await eventually("all of it", () => guest.seq === loud.seq || guest.closed);
	return guest;
}

test("a slow reader that resumes with more to read than its queue holds reads it all in the end", async () => {
	await using loud = await Guest.join(room, "loud");
	let guest = await Guest.join(room, "sleeper");
	guest.cut();
	await waitUntilReleased(room, guest);
	await broadcast(loud, FLOOD);
	for (let round = 0; guest.seq < loud.seq; round++) {
		expect(round).toBeLessThan(20);
		const { seq } = guest;
		guest = await comeBackSleepy(room, guest, loud);
		// However slow it is, each visit must get further, or it would never catch up.
		expect(guest.seq).toBeGreaterThan(seq);
		expect([guest.lost, guest.faults]).toEqual([0, []]);
	}
	guest.cut();
	expect(loud.faults).toEqual([]);
});

test("a reader that sleeps while it resumes learns how much the history no longer had", async () => {
	await using stage = await Stage.local("--log-bytes", String(2 * MIB), ...FLOOD_FLAGS);
	await using loud = await Guest.join(stage, "loud");
	const guest = await sleeper(stage, loud);
	// The sleeper never wakes up: the server does not wait for that.
	await using back = await Guest.resume(stage, guest);
	await eventually("the rest", () => back.seq === loud.seq);
	expect(back.lost).toBeGreaterThan(100);
	expect(back.lost + back.heard).toBe(loud.seq - guest.seq);
	expect(back.faults).toEqual([]);
	guest.cut();
});

describe("what waits for a reader is dropped once its member", () => {
	let stage: Stage;
	let loud: Guest;
	beforeAll(async () => {
		const how = { isLocal: true, isPaged: true };
		stage = await Stage.openWith(how, ...FLOOD_FLAGS.with(1, String(64 * MIB)));
		loud = stage.tidy(await Guest.join(stage, "loud"));
	});
	afterAll(() => stage[Symbol.asyncDispose]());

	test.each([
		["comes back elsewhere", (old: Guest) => Guest.resume(stage, old)],
		["logs in elsewhere", ({ name }: Guest) => Guest.join(stage, name)],
		["does one after the other", comeBackAndLogIn],
	])("%s", async (_, replace) => {
		await using old = await Guest.join(stage, "sleeper");
		old.stall();
		await broadcast(loud, FLOOD);
		const { seq } = loud;
		await using newer = await replace(old);
		old.wake();
		await old.waitUntilClosed();
		expect(old.seq).toBeLessThan(seq);
		expect([old.faults, newer.closed]).toEqual([[], false]);
	});

	async function comeBackAndLogIn(old: Guest): Promise<Guest> {
		await using _ = await Guest.resume(stage, old);
		return Guest.join(stage, old.name);
	}
});

test("a stalled reader that asks and asks costs its queue and nobody else's time", async () => {
	const stage = measured;
	await using member = await Guest.join(stage, "member");
	const guest = await Guest.join(stage, "sleeper");
	guest.stall();
	const { rss: base } = await usage(stage.server.pid);
	for (let round = 0; round < 20; round++) {
		for (let i = 0; i < 1000; i++)
			guest.send(i % 2 === 0 ? { type: "who" } : { type: "ping", private: 0 });
		expect(await member.say("tick")).toBeLessThan(1000);
	}
	expect((await usage(stage.server.pid)).rss).toBeLessThan(base + MIB + SLACK);
	guest.cut();
	expect(member.faults).toEqual([]);
});

test("a break is noticed although much waits for who is gone", async () => {
	const flags = FLOOD_FLAGS.with(1, String(64 * MIB));
	await using stage = await Stage.local("--idle-time", "2", ...flags);
	await using loud = await Guest.join(stage, "loud");
	const guest = await Guest.join(stage, "sleeper");
	guest.stall();
	await broadcast(loud, FLOOD);
	// After this ping the guest is as silent as a machine without power.
	guest.send({ type: "ping", private: 0 });
	const talk = setInterval(() => void loud.say("tick"), 500);
	await waitUntilReleased(stage, guest).finally(() => clearInterval(talk));
	guest.cut();
});
