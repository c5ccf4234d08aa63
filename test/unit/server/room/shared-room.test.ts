import { afterAll, expect, test } from "bun:test";
import { eventually } from "../../../support/eventually.ts";
import { FaultProxy } from "../../../support/fault.ts";
import { RedisRooms } from "../room-log/all-logs.ts";
import { Place } from "../room-log/logs.ts";
import { SharedRoom } from "./shared-rooms.ts";

// Several servers, each with a room of its own over one log in Redis.

const rooms = await RedisRooms.start();
afterAll(() => rooms[Symbol.asyncDispose]());

async function pair(place: Place, ports: (number | undefined)[] = [undefined, undefined]) {
	const [one, two] = [
		await SharedRoom.open(rooms, place, {}, ports[0]),
		await SharedRoom.open(rooms, place, {}, ports[1]),
	];
	return [one, two] as const;
}

const close = (...servers: SharedRoom[]) => Promise.all(servers.map((server) => server.close()));

test("two servers, one name, one instant, 1,000 times: one is welcome, one is told that it is taken", async () => {
	using place = new Place();
	const [one, two] = await pair(place);
	const contest = async (i: number) => {
		const name = `name${i}`;
		// Likewise for two names that look alike.
		const visitors = [
			one.join(name, `a${i}`),
			two.join(i % 2 ? name : name.toUpperCase(), `b${i}`),
		];
		const answers = await Promise.all(visitors.map((visitor) => visitor.answered()));
		expect(answers.toSorted()).toEqual(["name_taken", "welcome"]);
	};
	for (let i = 0; i < 1000; i += 20) {
		await Promise.all(Array.from({ length: 20 }, (_, j) => contest(i + j)));
	}
	expect(one.names).toHaveLength(1000);
	await eventually("the same", () => Bun.deepEquals(one.names, two.names));
	await close(one, two);
}, 60_000);

test("one account on two servers: the newest login wins, and the older connection is told", async () => {
	using place = new Place();
	const [one, two] = await pair(place);
	const first = one.join("ann");
	expect(await first.answered()).toBe("welcome");
	const second = two.join("ann");
	expect(await second.answered()).toBe("welcome");
	await eventually("replaced", () => first.closed === "replaced");
	const third = one.join("Anna", "ann");
	expect(await third.answered()).toBe("welcome");
	await eventually("replaced", () => second.closed === "replaced");
	expect(one.names).toEqual(["Anna"]);
	await close(one, two);
});

test("the last place goes to one", async () => {
	using place = new Place();
	const settings = { maxMembers: 3 };
	const [one, two] = [
		await SharedRoom.open(rooms, place, settings),
		await SharedRoom.open(rooms, place, settings),
	];
	for (const name of ["ann", "bob"]) expect(await one.join(name).answered()).toBe("welcome");
	const answers = await Promise.all([one.join("carol").answered(), two.join("dora").answered()]);
	expect(answers.toSorted()).toEqual(["room_full", "welcome"]);
	await close(one, two);
});

test("nobody is denied by a server that has yet to read why not", async () => {
	using place = new Place();
	await using proxy = await FaultProxy.open(rooms.redis.port, () => ({ delay: 30 }));
	const [one, two] = await pair(place, [undefined, proxy.port]);
	for (let i = 0; i < 5; i++) {
		const ann = one.join("ann");
		expect(await ann.answered()).toBe("welcome");
		const seq = one.room.snapshot().history.lastSeq;
		// Two has not read of this member, nor of its token, when it asks.
		const back = ann.resume(two, seq);
		expect(await back.answered()).toBe("resumed");
		// Nor one that the name is free again.
		if (back.member) two.room.leave(back.member);
		await eventually("left", () => two.names.length === 0);
		expect(await one.join("ann", "other").answered()).toBe("welcome");
		for (const server of [one, two]) await eventually("one", () => server.names.length === 1);
		const bob = two.join("ann", "third");
		expect(await bob.answered()).toBe("name_taken");
		expect(await two.join("Zed", "other").answered()).toBe("welcome");
		await eventually("Zed", () => one.names.includes("Zed"));
		const zed = two.room.members.findByName("Zed");
		if (zed) two.room.leave(zed);
		await eventually("nobody", () => one.names.length === 0);
	}
	expect(await two.join("nobody").answered()).toBe("welcome");
	const stranger = one.join("stranger").resume(two, 0, "f".repeat(32));
	expect(await stranger.answered()).toBe("resume_expired");
	await close(one, two);
});

test("a server that cannot reach the log sends those who come elsewhere, and takes them again later", async () => {
	using place = new Place();
	await using proxy = await FaultProxy.open(rooms.redis.port);
	const [one, two] = await pair(place, [undefined, proxy.port]);
	const ann = one.join("ann");
	expect(await ann.answered()).toBe("welcome");
	await eventually("ann", () => two.names.length === 1);
	const eve = two.join("eve");
	expect(await eve.answered()).toBe("welcome");
	await eventually("eve", () => one.names.length === 2);
	proxy.refuses = true;
	proxy.cut();
	const seq = one.room.snapshot().history.lastSeq;
	const waiting = [ann.resume(two, seq), two.join("bob"), two.join("ann", "other")];
	await eventually("an answer", () => {
		two.room.tick();
		return waiting[0]?.denied;
	});
	expect(waiting.slice(0, 2).map(({ denied }) => denied)).toEqual(
		Array(2).fill("store_unavailable"),
	);
	// Its members go, too, and lose nothing.
	expect(eve.closed).toBe("moving");
	expect(await eve.resume(one, seq).answered()).toBe("resumed");
	// Those who come now need not wait.
	expect(two.join("carol").denied).toBe("store_unavailable");
	expect(ann.resume(two, seq).denied).toBe("store_unavailable");
	expect(await one.join("carol").answered()).toBe("welcome");
	proxy.refuses = false;
	await eventually("carol", () => two.names.includes("carol"));
	expect(await two.join("dora").answered()).toBe("welcome");
	await close(one, two);
}, 30_000);

test("a member that comes back to another server leaves the first one, and heard nothing twice", async () => {
	using place = new Place();
	const [one, two] = await pair(place);
	const ann = one.join("ann");
	await ann.answered();
	const back = ann.resume(two, one.room.snapshot().history.lastSeq);
	expect(await back.answered()).toBe("resumed");
	await eventually("replaced", () => ann.closed === "replaced");
	expect(back.told[0]).toMatchObject({ lost: { events: 0, private: 0 } });
	// Its earlier connection says nothing more.
	const before = two.room.snapshot().history.lastSeq;
	if (ann.member) one.room.request(ann.member, { type: "say", id: "late", text: "late" });
	const said = two.join("bob");
	await said.answered();
	expect(two.room.snapshot().history.lastSeq).toBe(before + 1);
	await close(one, two);
});

test("who joins or leaves at one server changes no key of another's members", async () => {
	using place = new Place();
	const [one, two] = await pair(place);
	const ann = one.join("ann");
	await ann.answered();
	const [bob, carol] = [two.join("bob"), two.join("carol")];
	for (const each of [bob, carol]) await each.answered();
	await eventually("three", () => one.names.length === 3);
	if (carol.member) two.room.leave(carol.member);
	await eventually("two", () => one.names.length === 2);
	expect(ann.told.map(({ type }) => type)).toEqual(["welcome"]);
	// The one who stays gets a new key, which the one who left does not know.
	await eventually("rekey", () => bob.told.some(({ type }) => type === "rekey"));
	expect(carol.told.some(({ type }) => type === "rekey")).toBe(false);
	await close(one, two);
});

test("a server that stops leaves its members to the others at once, and in no log but its own", async () => {
	using place = new Place();
	const [one, two] = await pair(place);
	const ann = one.join("ann");
	await ann.answered();
	await eventually("ann", () => two.names.length === 1);
	await one.close();
	await eventually("offline", () => two.room.snapshot().members[0]?.offlineSince !== null);
	expect(two.room.snapshot().servers.filter(([, { last }]) => last > 0)).toHaveLength(1);
	const back = ann.resume(two, two.room.snapshot().history.lastSeq);
	expect(await back.answered()).toBe("resumed");
	expect(two.logged).toEqual(["back ann"]);
	await two.close();
});

test.each([
	[{ grace: 1 }, "--grace"],
	[{ owners: ["boss@gmail.com"], maxMembers: 5 }, "--max-members and --owner"],
	[{ title: "Other" }, "--title"],
	[{ stay: false, desertedGrace: 120_000 }, "--stay"],
])("a server with other settings than its fellows' does not begin: %j", async (settings, flags) => {
	using place = new Place();
	const one = await SharedRoom.open(rooms, place);
	const other = await SharedRoom.open(rooms, place, settings);
	expect(other.failures).toEqual([
		`The room's other servers have another ${flags}. All servers of a room need the same.`,
	]);
	// It is no server of the room, and changes nothing there.
	other.join("ann");
	expect(await one.join("bob").answered()).toBe("welcome");
	expect(one.names).toEqual(["bob"]);
	await one.close();
	await other.log.close();
	// When the others have stopped, the settings are free.
	const next = await SharedRoom.open(rooms, place, settings);
	expect(next.failures).toEqual([]);
	await next.close();
});
