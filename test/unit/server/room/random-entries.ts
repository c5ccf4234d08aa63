import fc from "fast-check";
import type { Change, Entry } from "../../../../lib/server/room-log/entry.ts";
import type { Stamp } from "../../../../lib/server/room-log/room-log.ts";

// Entries of three servers, of few names, tokens and visits, so that much of it fits together.

export interface Delivery {
	readonly entry: Entry;
	readonly stamp: Stamp;
}

/** Every member is called by a letter; the first is an owner, and the first four join at once. */
const LETTERS = ["k", "l", "m", "n", "o"];

const START: Change = {
	kind: "start",
	settings: {
		...{ maxMembers: 5, grace: 60, desertedGrace: 40, awayAfter: 15, stay: false },
		...{
			emailVisibility: "masked",
			owners: ["k@x.org"],
			newcomerEvents: 3,
			logEvents: 20,
			logBytes: 20_000,
			lease: null,
		},
	},
	prefix: "v",
};

const just = <T extends string>(word: T) => fc.constant(word);
const letter = fc.constantFrom(...LETTERS);
const account = letter.map((name) => `${name}@x.org`);
/** The token of the n-th join or return is `t` and n: no server gives one twice. */
const token = fc.nat(9).map((n) => `t${n}`);
const visit = fc.nat(5).map((n) => `v${n}`);
const visitor = { visit, generation: fc.constantFrom(1, 1, 1, 1, 2, 3) };
/** A member by a name and a visit that mostly belong together. */
const person = fc.nat(3).map((n) => ({ name: LETTERS[n] ?? "", visit: `v${n}` }));
const id = fc.nat(8).map(String);
const code = fc.constantFrom("broken" as const, "left" as const, "grace_expired" as const);

const message = fc.oneof(
	{ weight: 6, arbitrary: fc.record({ type: just("say"), id, text: fc.string() }) },
	{
		weight: 4,
		arbitrary: fc
			.tuple(id, person)
			.map(([id, { name: to, visit }]) => ({ type: "tell", id, to, visit, text: "psst" }) as const),
	},
	person.map((who) => ({ type: "kick", ...who }) as const),
	fc.record({ type: just("ban"), who: account }),
	fc.record({ type: just("unban"), address: account }),
	{ weight: 3, arbitrary: person.map((who) => ({ type: "mute", ...who }) as const) },
	{ weight: 3, arbitrary: fc.record({ type: just("unmute"), who: account }) },
	fc.record({ type: just("announce"), text: just("hear") }),
	fc.record({ type: just("title"), title: letter }),
	fc.record({ type: just("bans") }),
	{ weight: 1, arbitrary: fc.record({ type: just("close") }) },
);

const change: fc.Arbitrary<Change> = fc.oneof(
	{
		weight: 4,
		arbitrary: fc.record({ kind: just("join"), attempt: fc.nat(), name: letter, account, token }),
	},
	{
		weight: 5,
		arbitrary: fc.record({
			...{ kind: just("resume"), attempt: fc.nat(), token, nextToken: token },
			...{ seq: fc.nat(9), private: fc.nat(3) },
		}),
	},
	{ weight: 20, arbitrary: fc.record({ kind: just("request"), ...visitor, message }) },
	{ weight: 3, arbitrary: fc.record({ kind: just("heard"), ...visitor, private: fc.nat(3) }) },
	{ weight: 8, arbitrary: fc.record({ kind: just("lost"), ...visitor, code }) },
	{ weight: 9, arbitrary: fc.record({ kind: just("away"), ...visitor }) },
	{
		weight: 9,
		arbitrary: fc.record({ kind: just("back"), visit, generation: fc.constantFrom(2, 3) }),
	},
	{ weight: 3, arbitrary: fc.record({ kind: just("left"), ...visitor, code }) },
	fc.record({ kind: just("dead"), server: fc.constantFrom("b", "c", "d") }),
	fc.record({
		kind: just("bans"),
		added: fc.array(account),
		removed: fc.array(account),
		saved: fc.array(account),
	}),
);

const joining = (name: string): Change => ({
	...{ kind: "join", attempt: 0, name, account: `${name}@x.org`, token: "" },
});

interface Turn {
	readonly server: string;
	readonly changes: readonly Change[];
	readonly elapsed: number;
}

const turn: fc.Arbitrary<Turn> = fc.record({
	server: fc.constantFrom("a", "a", "a", "b", "c"),
	changes: fc.array(change, { maxLength: 6 }),
	elapsed: fc.nat(20),
});

/** One of the first four is away for a while, and comes back. */
const absence: fc.Arbitrary<Turn[]> = fc.nat(3).map((n) => {
	const [first, second] = [1, 2].map((generation) => ({ visit: `v${n}`, generation }));
	const known = { seq: 0, private: 0 };
	return [
		{ server: "a", elapsed: 1, changes: [{ kind: "lost", ...first, code: "broken" } as Change] },
		{ server: "a", elapsed: 16, changes: [{ kind: "away", ...first } as Change] },
		{
			...{ server: "a", elapsed: 1 },
			changes: [{ kind: "resume", attempt: 0, token: `t${n}`, nextToken: "", ...known }],
		},
		{ server: "a", elapsed: 1, changes: [{ kind: "back", ...second } as Change] },
	];
});

/** A room's entries, in the order of its log: each server counts its own. */
export const history: fc.Arbitrary<Delivery[]> = fc
	.array(
		fc.oneof({ weight: 9, arbitrary: turn.map((one) => [one]) }, { weight: 1, arbitrary: absence }),
		{ maxLength: 40, size: "max" },
	)
	.map((turns) => {
		const counts = new Map<string, number>();
		let time = 0;
		let given = 0;
		const withToken = (one: Change): Change => {
			if (one.kind === "join") return { ...one, token: `t${given++}` };
			return one.kind === "resume" ? { ...one, nextToken: `t${given++}` } : one;
		};
		const first = {
			server: "a",
			changes: [START, ...LETTERS.slice(0, 4).map(joining)],
			elapsed: 1,
		};
		return [first, ...turns.flat()].map(({ server, changes: random, elapsed }) => {
			const n = (counts.get(server) ?? 0) + 1;
			counts.set(server, n);
			time += elapsed;
			const changes = random.map(withToken);
			return { entry: { server, n, changes }, stamp: { at: 1000 + time, time } };
		});
	});
