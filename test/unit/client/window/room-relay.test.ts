import { afterAll, expect, test } from "bun:test";
import type { LinkHandlers, SessionStart } from "../../../../lib/client/net/link.ts";
import { Unreachable } from "../../../../lib/client/net/link-errors.ts";
import { LoopbackDoor } from "../../../../lib/client/window/loopback-door.ts";
import { RoomRelay } from "../../../../lib/client/window/room-relay.ts";
import { Site } from "../../../../lib/web/site.ts";
import { reason } from "../../../../lib/wire/errors/reason.ts";
import { eventually } from "../../../support/eventually.ts";
import { PageSocket } from "../../../support/page-socket.ts";

// What a relay passes on between a page's real WebSocket and the room, whose side the test has.

const ID = "0".repeat(32);

/** The room's side of a connection. */
class RoomSide {
	readonly sent: string[] = [];
	unsent = 0;
	isPaused = false;
	isTerminated = false;

	constructor(
		readonly start: SessionStart,
		readonly handlers: LinkHandlers,
	) {}

	send(line: string): void {
		this.sent.push(line);
	}

	pause(): void {
		this.isPaused = true;
	}

	resume(): void {
		this.isPaused = false;
	}

	terminate(): void {
		if (this.isTerminated) return;
		this.isTerminated = true;
		this.handlers.closed();
	}
}

let open = async (_: RoomSide): Promise<void> => {};
const rooms: RoomSide[] = [];
const relays: RoomRelay[] = [];
let ended = 0;

const door = new LoopbackDoor(new Site([]), {
	loading() {},
	control: () => {
		throw new Error("there is none");
	},
	room: (socket) => {
		const relay = new RoomRelay(
			socket,
			async (start, handlers) => {
				const room = new RoomSide(start, handlers);
				await open(room);
				rooms.push(room);
				return room;
			},
			() => ended++,
		);
		relays.push(relay);
		return relay;
	},
});
afterAll(() => door.stop());
const link = new URL(door.link);

interface Connected {
	readonly page: PageSocket;
	readonly room: RoomSide;
	readonly relay: RoomRelay;
	/** The page's next line. */
	read(): Promise<string>;
}

function connectPage(hello = `FERNET-CHAT/1 ${ID} key`): PageSocket {
	const headers = { "Sec-WebSocket-Protocol": link.hash.slice(1) };
	const page = new PageSocket(Number(link.port), { headers, path: "/room?1" });
	page.write(`${hello}\n`);
	return page;
}

/** Reads lines one at a time, and nothing beyond what it needs. */
function lineReader(page: PageSocket): () => Promise<string> {
	let held = "";
	return () =>
		eventually("a line", () => {
			if (!held.includes("\n")) held += page.read() ?? "";
			const end = held.indexOf("\n");
			if (end === -1) return null;
			const line = held.slice(0, end);
			held = held.slice(end + 1);
			return line;
		});
}

async function connected(): Promise<Connected> {
	const before = rooms.length;
	const page = connectPage();
	const read = lineReader(page);
	expect(await read()).toBe("CONNECTED");
	return { page, room: rooms[before] as RoomSide, relay: relays.at(-1) as RoomRelay, read };
}

test("the hello's key is given to whoever connects, and lines pass both ways as they are", async () => {
	const { page, room, read } = await connected();
	expect(room.start).toEqual({ id: ID, key: "key" });
	page.write("one\ntwo\n");
	await eventually("two lines", () => room.sent.length === 2);
	expect(room.sent).toEqual(["one", "two"]);
	for (const line of ["0 x", "1 y", "a".repeat(300_000)]) room.handlers.line(line);
	expect([await read(), await read(), (await read()).length]).toEqual(["0 x", "1 y", 300_000]);
	room.handlers.closed();
	await eventually("the end", () => page.readyState === "closed");
});

test("why the room cannot be reached is said to the page", async () => {
	open = () => Promise.reject(new Unreachable(reason("server_unreachable", "Nobody is there.")));
	const page = connectPage();
	const answer = JSON.parse(await lineReader(page)());
	expect(answer).toEqual({ code: "server_unreachable", text: "Nobody is there." });
	open = async () => {};
	for (const hello of ["hello", "FERNET-CHAT/1 1 key", `FERNET-CHAT/1 ${ID}`, "FERNET-CHAT/2"]) {
		const before = rooms.length;
		const stranger = connectPage(hello);
		expect(JSON.parse(await lineReader(stranger)())).toContainAllKeys(["code", "text"]);
		await eventually("the end", () => stranger.readyState === "closed");
		expect(rooms.length).toBe(before);
	}
});

test("a page that does not read has the room wait, and then gets everything in order", async () => {
	const { room, read } = await connected();
	const size = 64 * 1024;
	let sent = 0;
	for (; !room.isPaused && sent < 1000; sent++) room.handlers.line(`${sent} ${"x".repeat(size)}`);
	expect(sent).toBeLessThan(1000);
	// What had been read from the room's socket already.
	for (const end = sent + 8; sent < end; sent++) room.handlers.line(`${sent} ${"x".repeat(size)}`);
	for (let i = 0; i < sent; i++) expect(Number.parseInt(await read(), 10)).toBe(i);
	await eventually("the room goes on", () => !room.isPaused);
	room.handlers.line("more");
	expect(await read()).toBe("more");
	room.terminate();
});

test("a page whose room does not read is hung up on before much waits for it", async () => {
	const { page, room } = await connected();
	room.unsent = 64 * 1024 * 1024;
	page.write("line\n");
	await eventually("the end", () => page.readyState === "closed");
	expect(room.isTerminated).toBe(true);
});

test("a page that goes without a goodbye breaks off; one that leaves it is waited for", async () => {
	const before = ended;
	const broken = await connected();
	broken.page.resetAndDestroy();
	await eventually("the break", () => broken.room.isTerminated);
	expect(ended).toBe(before + 1);

	const { page, room, relay } = await connected();
	page.write("last words\nPARTING 9 goodbye\n");
	await eventually("the last words", () => room.sent.length === 1);
	page.resetAndDestroy();
	// Later than this, as the one that is broken off afterwards.
	const other = await connected();
	other.page.resetAndDestroy();
	await eventually("the break", () => other.room.isTerminated);
	expect([room.isTerminated, room.sent]).toEqual([false, ["last words"]]);
	room.handlers.line("for nobody");
	const parting = relay.part();
	await eventually("the goodbye", () => room.sent.length === 2);
	expect(room.sent).toEqual(["last words", "9 goodbye"]);
	room.handlers.closed();
	await parting;
});

test("a server that does not answer a goodbye is not waited for", async () => {
	const { page, room, relay } = await connected();
	page.write("PARTING bye\n");
	page.write("line\n");
	await eventually("the line", () => room.sent.length === 1);
	page.resetAndDestroy();
	await relay.part();
	expect([room.sent, room.isTerminated]).toEqual([["line", "bye"], true]);
});
