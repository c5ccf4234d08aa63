import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { RoomLife } from "./room-life.ts";
import type { TestClient } from "./test-client.ts";

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
	{ weight: 3, arbitrary: fc.record({ do: just("resume"), who, as: fc.nat(1) }) },
	{ weight: 2, arbitrary: fc.record({ do: just("confirm"), who }) },
	{ weight: 1, arbitrary: fc.record({ do: just("ping"), who }) },
	{ weight: 2, arbitrary: fc.record({ do: just("wait"), who: just(0), as: fc.nat(20) }) },
	{ weight: 6, arbitrary: fc.record({ do: just("say"), who, id: fc.nat(20) }) },
	{ weight: 3, arbitrary: fc.record({ do: just("tell"), who, as: fc.nat(20), id: fc.nat(20) }) },
	{ weight: 4, arbitrary: fc.record({ do: just("turn"), who: just(0) }) },
);
const manySteps = fc.array(step, { maxLength: 60, size: "max" });

const ROOMS: [grace: number, newcomerEvents: number][] = [
	[0, 0],
	[30_000, 0],
	[30_000, 7],
];

const sorted = <T extends { visit: string }>(each: T[]): T[] =>
	each.toSorted((a, b) => a.visit.localeCompare(b.visit));

describe.each(ROOMS)("with a grace of %d ms and %d events for newcomers", (grace, readable) => {
	test("every member hears every event of its stay, in order, with the keys it was told", () => {
		fc.assert(
			fc.property(manySteps, (steps) => {
				const life = new RoomLife(grace, readable);
				life.run(steps);
				const { events, here } = life.harness;
				expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
				for (const client of life.clients) {
					expect(client.heard).toEqual(life.due(client).slice(0, client.heard.length) as never);
					expect(client.lost).toEqual({ events: 0, private: 0 });
				}
				for (const client of life.present) {
					expect(client.heard).toEqual(life.due(client) as never);
					expect(client.seq).toBe(events.length);
					expect(client.members).toEqual(here);
					for (const { name, member } of life.members) {
						expect(client.visits.get(name)).toBe(member?.visit ?? "");
					}
				}
				const isAway = ({ member }: TestClient): boolean => typeof member?.awaySince === "number";
				const away = life.members.filter(isAway).map(({ name }) => name);
				for (const client of life.present) expect(client.away.sort()).toEqual(away.sort());
			}),
			{ numRuns: 100 },
		);
	});

	test("a resume token is good until a newer one is confirmed, and as long as its member", () => {
		fc.assert(
			fc.property(manySteps, (steps) => {
				const life = new RoomLife(grace, readable);
				life.run(steps);
				const good = new Set<string>();
				for (const client of life.members) {
					for (const token of client.tokens) good.add(token);
					for (const token of [client.tokens.at(0), client.tokens.at(-1)]) {
						const member = life.harness.room.applications.findByResumeToken(token ?? "");
						expect(member).toBe(client.member ?? null);
					}
				}
				for (const { resume } of life.clients.flatMap((client) => [
					...client.toldOf("welcome"),
					...client.toldOf("resumed"),
				])) {
					if (good.has(resume)) continue;
					expect(life.harness.room.applications.findByResumeToken(resume)).toBeNull();
				}
			}),
			{ numRuns: 100 },
		);
	});

	test("an author is told once how many messages a member that left has not confirmed", () => {
		fc.assert(
			fc.property(manySteps, (steps) => {
				const life = new RoomLife(grace, readable);
				life.run(steps);
				// What was sent into a connection that broke is lost, so they may have missed it.
				const neverCutOff = life.present.filter((client) => client.toldOf("resumed").length === 0);
				for (const author of neverCutOff) {
					const due = life.clients.flatMap((reader) => life.unconfirmed(author, reader));
					expect(sorted(author.toldOf("unconfirmed"))).toEqual(sorted(due));
				}
			}),
			{ numRuns: 100 },
		);
	});

	test("nobody can open what was said before its welcome, or once it had left", () => {
		fc.assert(
			fc.property(manySteps, (steps) => {
				const life = new RoomLife(grace, readable);
				life.run(steps);
				const lines = [...new Set(life.clients.flatMap((client) => client.lines))];
				for (const client of life.clients) {
					const from = client.historyUntil;
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
			{ numRuns: 100 },
		);
	});
});

test("without a grace, every member can open what was sent to it, and nothing else", () => {
	fc.assert(
		fc.property(manySteps, (steps) => {
			const life = new RoomLife(0);
			// A member that resumed knows the keys of what went to its earlier connection.
			life.run(steps.filter(({ do: what }) => what !== "resume"));
			const lines = new Set(life.clients.flatMap((client) => client.lines));
			for (const client of life.clients) {
				const unheard = `${client.brokeAtKey} `;
				const open = [...lines].filter((line) => client.canOpen(line));
				const sent = open.filter(
					(line) => client.lines.includes(line) || !line.startsWith(unheard),
				);
				expect(sent).toEqual(client.lines);
			}
		}),
		{ numRuns: 100 },
	);
});
