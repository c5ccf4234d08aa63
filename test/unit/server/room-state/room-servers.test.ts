import { describe, expect, test } from "bun:test";
import type { ChangeOf, Entry } from "../../../../lib/server/room-log/entry.ts";
import type { RoomSettings } from "../../../../lib/server/room-log/room-settings.ts";
import { RoomServers } from "../../../../lib/server/room-state/room-servers.ts";
import { RoomState } from "../../../../lib/server/room-state/room-state.ts";

const entry = (server: string, n: number): Entry => ({ server, n, changes: [] });
const stamp = (time: number, at = 1_000_000 + time) => ({ at, time });

describe("an entry counts", () => {
	test.each([
		["if it is the server's first", [], "a", 1, true],
		["if it comes after the last one", [1, 2], "a", 3, true],
		["if some were refused in between", [1, 2], "a", 5, true],
		["not if it came before", [1, 2], "a", 2, false],
		["not if it is older", [1, 2, 3], "a", 1, false],
		["not if we do not know how its server began", [], "a", 2, false],
	])("%s", (_, before, server, n, counts) => {
		const servers = new RoomServers();
		for (const each of before) servers.accept(entry(server, each), stamp(0));
		expect(servers.accept(entry(server, n), stamp(1))).toBe(counts);
	});

	test("not if its server is dead, not even after a thousand others have come and gone", () => {
		const servers = new RoomServers();
		for (const server of ["living", "dead"]) servers.accept(entry(server, 1), stamp(0));
		servers.declareDead("dead");
		expect(servers.accept(entry("dead", 2), stamp(1))).toBe(false);
		for (let i = 0; i < 1500; i++) {
			servers.accept(entry(`s${i}`, 1), stamp(i));
			servers.declareDead(`s${i}`);
		}
		expect(servers.toJSON().length).toBeLessThanOrEqual(1000);
		expect(servers.accept(entry("dead", 3), stamp(2000))).toBe(false);
		expect(servers.accept(entry("living", 2), stamp(2000))).toBe(true);
		expect(servers.living).toEqual(["living"]);
	});
});

test("servers from their own JSON go on as the first would", () => {
	const servers = new RoomServers();
	servers.accept(entry("a", 7), stamp(0));
	servers.accept(entry("a", 1), stamp(0));
	servers.accept(entry("b", 1), stamp(50));
	servers.declareDead("b");
	const copy = new RoomServers(JSON.parse(JSON.stringify(servers)));
	expect(copy.toJSON()).toEqual(servers.toJSON());
	servers.forgiveSilence(99);
	expect(copy.silent(100, 100)).toEqual(["a"]);
	expect(servers.silent(100, 100)).toEqual([]);
});

describe("a server", () => {
	const LEASE = 10;
	const settings: RoomSettings = {
		...{ maxMembers: 5, grace: 60, desertedGrace: null, awayAfter: 15, stay: true },
		...{ emailVisibility: "full", owners: [], newcomerEvents: 0, logEvents: 9, logBytes: 9999 },
		lease: LEASE,
	};
	const start: ChangeOf<"start"> = { kind: "start", settings, prefix: "v" };

	/** Two servers that began at 0. */
	function pair(): RoomState {
		const state = new RoomState();
		for (const server of ["a", "b"]) {
			state.accept({ server, n: 1, changes: [start] }, stamp(0));
			expect(state.start(start, server)).toBe(true);
		}
		return state;
	}

	test.each([
		[LEASE - 1, false],
		[LEASE, true],
		[5 * LEASE, true],
	])("is dead after %d ms of silence: %p", (silence, isDead) => {
		const state = pair();
		state.accept(entry("a", 2), stamp(silence));
		expect(state.isDead("b")).toBe(isDead);
		expect(state.isDead("a")).toBe(false);
	});

	test("is not dead because nobody could write, and then has its whole time again", () => {
		const state = pair();
		// An hour in which the log's time advanced by 4 ms.
		state.accept(entry("a", 2), stamp(4, 1_000_000 + 3_600_000));
		state.accept(entry("a", 3), stamp(13, 1_000_000 + 3_600_009));
		expect(state.isDead("b")).toBe(false);
		state.accept(entry("a", 4), stamp(14, 1_000_000 + 3_600_010));
		expect(state.isDead("b")).toBe(true);
	});

	test("may have other settings than one that was heard long ago, and not than one just heard", () => {
		const other = { ...start, settings: { ...settings, grace: 61 } } as const;
		const state = pair();
		state.accept({ server: "c", n: 1, changes: [other] }, stamp(LEASE - 1));
		expect(state.start(other, "c")).toBe(false);
		expect(state.settings.grace).toBe(60);
		// Killed and started anew as soon as all others are gone, even if the log's time stood still.
		const later = pair();
		later.accept({ server: "c", n: 1, changes: [other] }, stamp(4, 1_000_000 + LEASE));
		expect(later.start(other, "c")).toBe(true);
		expect(later.settings.grace).toBe(61);
	});

	test("that is one at a time takes over whatever its settings", () => {
		const alone = { ...start, settings: { ...settings, lease: null } } as const;
		const other = { ...start, settings: { ...settings, lease: null, grace: 1 } } as const;
		const state = new RoomState();
		state.accept(entry("a", 1), stamp(0));
		expect(state.start(alone, "a")).toBe(true);
		expect(state.isDead("a")).toBe(true);
		state.accept(entry("b", 1), stamp(1));
		expect(state.start(other, "b")).toBe(true);
	});
});
