import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, rmSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { RoomState, type RoomStateJson } from "../../../../lib/server/room-state/room-state.ts";
import { eventually } from "../../../support/eventually.ts";
import { Redis } from "../../../support/redis.ts";
import { SharedServers } from "../auth/shared-servers.ts";

// The bans of a room of several servers: in its log, in each server's file, and in Redis when there is
// no room. The log is one state here, which each server looks at when it is up.

let redis: Redis;
let servers: SharedServers;
beforeAll(async () => {
	redis = await Redis.start();
});
afterAll(() => redis[Symbol.asyncDispose]());
beforeEach(async () => {
	await redis.cli("FLUSHALL");
	servers = new SharedServers(redis);
});
afterEach(() => servers[Symbol.dispose]());

const [ann, bob, eve, mal] = ["ann@x.org", "bob@x.org", "eve@x.org", "mal@x.org"];

/** A server of the room, and the folder of its files. */
class BanServer {
	readonly folder: string;
	readonly #server: ReturnType<SharedServers["start"]>;

	private constructor(server: ReturnType<SharedServers["start"]>) {
		this.#server = server;
		this.folder = server.state;
	}

	/** Starts a server, perhaps one that was there before, and lets it look at the room. */
	static async start(room: RoomState, folder?: string): Promise<BanServer> {
		const server = new BanServer(servers.start(folder === undefined ? {} : { state: folder }));
		await server.#bans.open();
		server.tick(room);
		return server;
	}

	get #bans() {
		const { sharedBans } = this.#server.stores;
		if (!sharedBans) throw new Error("the bans are shared");
		return sharedBans;
	}

	/** Looks at the room, which gets what it finds. */
	tick(room: RoomState): void {
		for (let edits = this.#bans.update(room); edits; edits = this.#bans.update(room)) {
			room.editBans({ ...edits, saved: [] });
		}
	}

	/** The room has ended. */
	keep(room: RoomState): Promise<void> {
		return this.#bans.keep(room);
	}

	get file(): string[] {
		return existsSync(join(this.folder, "banned")) ? fileIn(this.folder) : [];
	}
}

const fileIn = (folder: string): string[] =>
	readFileSync(join(folder, "banned"), "utf8").split("\n").filter(Boolean).toSorted();

/** A person writes a server's file. */
function write(folder: string, ...accounts: string[]): void {
	mkdirSync(folder, { recursive: true, mode: 0o700 });
	writeFileSync(join(folder, "banned"), accounts.map((each) => `${each}\n`).join(""));
}

/** What a new room would begin with. */
async function kept(): Promise<readonly string[]> {
	const { sharedBans } = servers.start().stores;
	await sharedBans?.open();
	return sharedBans?.update(new RoomState())?.added ?? [];
}

const bansOf = (room: RoomState): string[] => [...room.bans].toSorted();

/** An owner bans somebody, or lifts a ban, and the servers that are up hear of it. */
function act(room: RoomState, account: string, isBanned: boolean, ...up: BanServer[]): void {
	room.setBan(account, isBanned);
	for (const server of up) server.tick(room);
}

/** A room in which ann and bob are banned, and two servers that know it, of which one then stops. */
async function roomOfTwo() {
	const room = new RoomState();
	const one = await BanServer.start(room);
	const { folder } = await BanServer.start(room);
	write(one.folder, ann, bob);
	one.tick(room);
	const two = await BanServer.start(room, folder);
	expect([one.file, two.file, bansOf(room)]).toEqual(Array(3).fill([ann, bob]));
	return { room, one, folder };
}

test("what owners do, and what a person writes into one server's file, is in every server's", async () => {
	const room = new RoomState();
	const [one, two, three] = await Promise.all([1, 2, 3].map(() => BanServer.start(room)));
	if (!one || !two || !three) throw new Error("three servers");
	act(room, eve, true, one, two, three);
	write(two.folder, eve, mal, ann);
	for (const server of [two, one, three]) server.tick(room);
	act(room, ann, false, one, two, three);
	write(three.folder, mal);
	for (const server of [three, one, two]) server.tick(room);
	expect([one.file, two.file, three.file, bansOf(room)]).toEqual(Array(4).fill([mal]));
	expect(servers.warnings).toEqual([]);
});

test("two servers with one state folder do not undo each other's bans, or a person's", async () => {
	const { room, one, folder } = await roomOfTwo();
	const two = await BanServer.start(room, folder);
	const beside = await BanServer.start(room, folder);
	act(room, eve, true, one, two, beside);
	act(room, bob, false, beside, two, one);
	write(folder, ann, mal);
	for (const server of [beside, two, one, beside, two]) server.tick(room);
	expect([bansOf(room), two.file, one.file]).toEqual(Array(3).fill([ann, mal]));
	const next = await BanServer.start(room, folder);
	expect([bansOf(room), next.file]).toEqual([
		[ann, mal],
		[ann, mal],
	]);
});

describe("a server that was down", () => {
	test.each<[string, string[], string[]]>([
		["has an old file", [ann, bob], [ann, eve]],
		["has an old file, and a person banned somebody in it", [ann, bob, mal], [ann, eve, mal]],
		["has an old file, and a person lifted a ban in it", [bob], [eve]],
		["has a file in which a person has done all that again", [ann, eve], [ann, eve]],
		["has lost its file, so that nobody is banned whom it knew", [], [eve]],
	])("%s: it learns what owners did, and they what the person did", async (_, file, after) => {
		const { room, one, folder } = await roomOfTwo();
		act(room, eve, true, one);
		act(room, bob, false, one);
		write(folder, ...file);
		const two = await BanServer.start(room, folder);
		one.tick(room);
		expect([bansOf(room), two.file, one.file]).toEqual(Array(3).fill(after));
	});

	test("learns what owners did in a room that has ended since", async () => {
		const { room, one, folder } = await roomOfTwo();
		act(room, eve, true, one);
		act(room, bob, false, one);
		await one.keep(room);
		const next = new RoomState();
		const two = await BanServer.start(next, folder);
		expect([bansOf(next), two.file]).toEqual([
			[ann, eve],
			[ann, eve],
		]);
		const again = await BanServer.start(next, one.folder);
		expect([bansOf(next), again.file]).toEqual([
			[ann, eve],
			[ann, eve],
		]);
		// What happens in that one, the other learns in the third.
		act(next, ann, false, two);
		await two.keep(next);
		const third = new RoomState();
		expect((await BanServer.start(third, one.folder)).file).toEqual([eve]);
		expect(bansOf(third)).toEqual([eve]);
	});

	test("is one whose room was there all the time, as a snapshot", async () => {
		const { room, one, folder } = await roomOfTwo();
		act(room, eve, true, one);
		const copy = new RoomState(JSON.parse(JSON.stringify(room)) as RoomStateJson);
		const two = await BanServer.start(copy, folder);
		expect([bansOf(copy), two.file]).toEqual([
			[ann, bob, eve],
			[ann, bob, eve],
		]);
	});

	test("was killed while it wrote: no ban of today is taken for one that was lifted by hand", async () => {
		const { room, one, folder } = await roomOfTwo();
		const saved = (name: string) => readFileSync(join(folder, name), "utf8");
		const old = { banned: saved("banned"), known: saved("banned.known") };
		const two = await BanServer.start(room, folder);
		act(room, eve, true, one, two);
		// Of the ban, the file was written, and what is known was not.
		writeFileSync(join(folder, "banned.known"), old.known);
		await BanServer.start(room, folder);
		expect(bansOf(room)).toEqual([ann, bob, eve]);
		const late = await BanServer.start(room, folder);
		act(room, bob, false, one, late);
		// Of its end, what is known was written, and the file was not; then owners ban bob again.
		writeFileSync(join(folder, "banned"), `${old.banned}${eve}\n`);
		act(room, bob, true, one);
		const three = await BanServer.start(room, folder);
		expect([bansOf(room), three.file]).toEqual([
			[ann, bob, eve],
			[ann, bob, eve],
		]);
	});

	test("has a file with a line that cannot be read, which lifts no ban", async () => {
		const { room, folder } = await roomOfTwo();
		writeFileSync(join(folder, "banned"), `?\n${mal}\n`);
		await BanServer.start(room, folder);
		expect(bansOf(room)).toEqual([ann, bob, mal]);
	});
});

describe("every ban holds, and none is taken for lifted, if", () => {
	const both = [ann, bob, eve, mal];

	test("Redis has forgotten everything", async () => {
		const { room, one, folder } = await roomOfTwo();
		act(room, eve, true, one);
		await redis.cli("FLUSHALL");
		const next = new RoomState();
		write(folder, ann, bob, mal);
		const two = await BanServer.start(next, folder);
		// By now this list has seen more changes than the other had.
		for (let i = 0; i < 10; i++) act(next, ann, i % 2 > 0, two);
		const again = await BanServer.start(next, one.folder);
		two.tick(next);
		expect([bansOf(next), two.file, again.file]).toEqual(Array(3).fill(both));
	});

	test("Redis has gone back to an older list", async () => {
		const { room, one, folder } = await roomOfTwo();
		await one.keep(room);
		const [name = ""] = (await redis.cli("--scan")).split("\n");
		const old = await redis.cli("GET", name);
		act(room, eve, true, one);
		act(room, mal, true, one);
		await one.keep(room);
		await redis.cli("SET", name, old);
		const next = new RoomState();
		const two = await BanServer.start(next, folder);
		// By now this list has seen more changes than the other had.
		for (let i = 0; i < 10; i++) act(next, ann, i % 2 > 0, two);
		const again = await BanServer.start(next, one.folder);
		two.tick(next);
		expect([bansOf(next), two.file, again.file]).toEqual(Array(3).fill(both));
	});

	test("a server that knows what was agreed on was in another room meanwhile, or never in one", async () => {
		const { room, one, folder } = await roomOfTwo();
		using elsewhere = new SharedServers(redis);
		const other = elsewhere.start();
		write(other.state, eve, mal);
		rmSync(join(folder, "banned.known"));
		write(folder, mal, eve);
		const two = await BanServer.start(room, folder);
		one.tick(room);
		expect([bansOf(room), two.file, one.file]).toEqual(Array(3).fill(both));
		// The list of the one room is not the list of the other.
		await other.stores.sharedBans?.open();
		const stranger = new RoomState();
		expect(other.stores.sharedBans?.update(stranger)).toMatchObject({ added: [], removed: [] });
	});

	test("two servers begin a room at once", async () => {
		const { room, one, folder } = await roomOfTwo();
		await one.keep(room);
		const next = new RoomState();
		const [first, second] = [
			await BanServer.start(new RoomState(), folder),
			await BanServer.start(new RoomState(), one.folder),
		];
		first.tick(next);
		act(next, bob, false, first);
		// The other had made its entry before it saw any of that.
		const begins = { lineage: "other", version: 9, past: [] };
		next.editBans({ begins, added: [ann, bob], removed: [], saved: [] });
		second.tick(next);
		expect([bansOf(next), first.file, second.file]).toEqual(Array(3).fill([ann]));
	});
});

test("every live server keeps the bans, when Redis is there again too, and none an older list", async () => {
	const { room, one, folder } = await roomOfTwo();
	const two = await BanServer.start(room, folder);
	await redis.stop();
	act(room, eve, true, one, two);
	await eventually("a warning", () => servers.warnings.length > 0);
	await redis.restart();
	const older = new RoomState(JSON.parse(JSON.stringify(room)) as RoomStateJson);
	act(room, mal, true);
	// The one that had the ban is killed; the other goes on.
	await eventually("the bans", async () => {
		two.tick(room);
		return (await kept()).includes(mal);
	});
	expect(older.banVersion?.version).toBe((room.banVersion?.version ?? 0) - 1);
	await one.keep(older);
	expect(await kept()).toEqual([ann, bob, eve, mal]);
});

test("a file that cannot be written is said, and the ban holds at the other servers", async () => {
	const { room, one, folder } = await roomOfTwo();
	const two = await BanServer.start(room, folder);
	rmSync(join(folder, "banned"));
	mkdirSync(join(folder, "banned"));
	act(room, eve, true, one, two);
	expect(servers.warnings.join()).toContain("Cannot read the ban list");
	expect([one.file, bansOf(room)]).toEqual([
		[ann, bob, eve],
		[ann, bob, eve],
	]);
	for (let tick = 0; tick < 5; tick++) two.tick(room);
	expect(bansOf(room)).toEqual([ann, bob, eve]);
	// Nor does the next start, with the file as it was, take it for lifted.
	rmSync(join(folder, "banned"), { recursive: true });
	write(folder, ann, bob);
	const next = await BanServer.start(room, folder);
	expect([next.file, bansOf(room)]).toEqual([
		[ann, bob, eve],
		[ann, bob, eve],
	]);
});

test("what is known is written after a ban, and before the end of one", async () => {
	const { room, one, folder } = await roomOfTwo();
	const two = await BanServer.start(room, folder);
	let order: string[] = [];
	const watcher = watch(folder, (_, name) => {
		if (name?.match(/^banned(\.known)?$/) && order.at(-1) !== name) order.push(name);
	});
	using opened = new DisposableStack();
	opened.defer(() => watcher.close());
	for (const [account, isBanned] of [
		[eve, true],
		[bob, false],
		[mal, true],
		[eve, false],
	] as const) {
		order = [];
		act(room, account, isBanned, one, two);
		const expected = isBanned ? ["banned", "banned.known"] : ["banned.known", "banned"];
		await eventually(
			`${account} in ${expected}`,
			() => order.length >= 2,
			() => order.join(),
		);
		expect([account, order]).toEqual([account, expected]);
	}
});
