import { expect, test } from "bun:test";
import { BanList } from "../../../../lib/server/accounts/ban-list.ts";
import { Moderation } from "../../../../lib/server/moderation/moderation.ts";
import type { Change, ChangeOf } from "../../../../lib/server/room-log/entry.ts";
import { replica } from "./witness.ts";

// Servers of two releases may serve one room: as long as VERSION (redis-stream.ts) is the same, the
// same entries must bring both to the same state.

const START: ChangeOf<"start"> = {
	kind: "start",
	settings: {
		...{ maxMembers: 5, grace: 60_000, desertedGrace: 40_000, awayAfter: 15_000, stay: false },
		...{ emailVisibility: "masked", owners: ["ann@x.org"], newcomerEvents: 3, logEvents: 100 },
		...{ logBytes: 20_000, lease: 10_000, title: "Golden" },
	},
	prefix: "v",
};

/** The members of the room, in the order in which they join. */
const VISITS = { ann: "v0", bob: "v1", cleo: "v2", dan: "v3" };
type Name = keyof typeof VISITS;
const join = (name: Name): Change => ({
	...{ kind: "join", attempt: 1, name, account: `${name}@x.org`, token: `${name} 1` },
});
const of = (name: Name, generation = 1) => ({ visit: VISITS[name], generation });
const named = (name: Name) => ({ name, visit: VISITS[name] });
const asks = (
	name: Name,
	message: ChangeOf<"request">["message"],
	generation?: number,
): Change => ({ kind: "request", ...of(name, generation), message });

/** When, in milliseconds, by which server, and what. */
const ENTRIES: [time: number, server: string, ...changes: Change[]][] = [
	[0, "a", START, join("ann"), join("bob")],
	[10, "b", START, join("cleo"), join("dan")],
	[20, "a", asks("ann", { type: "say", id: "1", text: "hello ü" })],
	[30, "b", asks("cleo", { type: "tell", id: "1", to: "bob", visit: "v1", text: "psst" })],
	[40, "a", { kind: "heard", ...of("bob"), private: 1 }, { kind: "beat" }],
	[50, "a", asks("ann", { type: "title", title: "Other" })],
	[60, "a", asks("ann", { type: "announce", text: "Dinner." })],
	[70, "a", asks("ann", { type: "mute", ...named("bob") })],
	[80, "a", asks("bob", { type: "say", id: "2", text: "unheard" })],
	[90, "a", asks("bob", { type: "mute", ...named("ann") })],
	[100, "a", asks("ann", { type: "unmute", who: "bob" })],
	[110, "a", { kind: "lost", ...of("bob"), code: "broken" }],
	[9000, "b", { kind: "beat" }],
	[9010, "a", { kind: "away", ...of("bob") }],
	[16_000, "b", { kind: "away", ...of("bob") }],
	[16_010, "b", asks("cleo", { type: "tell", id: "2", to: "bob", visit: "v1", text: "later" })],
	[
		...([16_020, "b"] as const),
		{
			...{ kind: "resume", attempt: 2, token: "bob 1", nextToken: "bob 2" },
			...{ seq: 2, private: 1 },
		},
		{ kind: "back", ...of("bob", 2) },
	],
	[16_030, "b", { kind: "dead", server: "a" }],
	[16_040, "b", asks("bob", { type: "say", id: "3", text: "back" }, 2)],
	[16_050, "a", asks("ann", { type: "kick", ...named("dan") })],
	[16_060, "a", asks("ann", { type: "ban", who: "dan@x.org" })],
	[16_070, "a", asks("ann", { type: "ban", who: "eve@x.org" })],
	[16_080, "a", asks("ann", { type: "unban", address: "dan@x.org" })],
	[16_090, "b", { kind: "bans", added: ["fay@x.org"], removed: [], saved: ["eve@x.org"] }],
	[16_100, "b", { kind: "left", ...of("cleo"), code: "left" }],
	[26_000, "b", { kind: "beat" }],
	[27_000, "b", { kind: "dead", server: "a" }],
	[28_000, "c", START],
	[90_000, "b", { kind: "left", ...of("ann"), code: "grace_expired" }],
	[90_010, "b", asks("bob", { type: "say", id: "4", text: "alone" }, 2)],
	[90_020, "b", { kind: "left", ...of("bob", 2), code: "left" }],
];
/** Of the room after each of the entries. */
const GOLDEN = "60a64be8f2c93527ba537cd88528ac17c87e4137db881af802763279ecd0570b";

const KINDS: Record<Change["kind"], true> = {
	...{ start: true, beat: true, dead: true, join: true, resume: true, request: true },
	...{ heard: true, lost: true, away: true, back: true, left: true, bans: true },
};

/** With the fields of each object in one order: only what they hold counts. */
const canonical = (value: unknown): string =>
	JSON.stringify(value, (_, each) =>
		each && typeof each === "object" && !Array.isArray(each)
			? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
			: each,
	);

function states(): string[] {
	const moderation = new Moderation({
		bans: new BanList("/nowhere", () => {}),
		devices: null,
		warn: () => {},
	});
	const room = replica(moderation);
	const counts = new Map<string, number>();
	return ENTRIES.map(([time, server, ...changes]) => {
		const n = (counts.get(server) ?? 0) + 1;
		counts.set(server, n);
		room.apply({ server, n, changes }, { at: 1_795_627_801_000 + time, time });
		return canonical(JSON.parse(JSON.stringify(room.state)));
	});
}

test("the same entries bring this release to the same state as the ones before it", () => {
	const hash = new Bun.CryptoHasher("sha256").update(states().join("\n")).digest("hex");
	const advice = "If this was meant, raise VERSION: servers of two releases would differ.";
	expect(hash, advice).toBe(GOLDEN);
});

test("the entries have a change of each kind, the last of which ends the room", () => {
	const kinds = ENTRIES.flatMap(([, , ...changes]) => changes.map(({ kind }) => kind));
	expect(new Set(kinds)).toEqual(new Set(Object.keys(KINDS) as Change["kind"][]));
	const [before, last] = states().slice(-2);
	expect([before, last].map((state) => JSON.parse(state ?? "").hasEnded)).toEqual([false, true]);
});
