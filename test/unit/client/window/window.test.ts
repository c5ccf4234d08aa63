import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExitStatus } from "../../../../lib/client/chat/exit-status.ts";
import { KnownServers } from "../../../../lib/client/net/known-servers.ts";
import { RememberedDevices } from "../../../../lib/client/net/remembered-devices.ts";
import { ServerList } from "../../../../lib/client/net/server-list.ts";
import { ConfigDir } from "../../../../lib/client/util/config-dir.ts";
import { LoopbackDoor } from "../../../../lib/client/window/loopback-door.ts";
import { Window } from "../../../../lib/client/window/window.ts";
import { Site } from "../../../../lib/web/site.ts";
import { KeyFolder } from "../../../../lib/wire/keys/key-folder.ts";
import { eventually } from "../../../support/eventually.ts";
import { listen } from "../../../support/listen.ts";
import { PageSocket } from "../../../support/page-socket.ts";

// One window, between the WebSockets of its pages and a room's socket, of which the test has both ends.

const folder = mkdtempSync(join(tmpdir(), "fernet-chat-window-unit-"));
const keys = new KeyFolder(join(folder, "keys"));
const configDir = new ConfigDir({ XDG_CONFIG_HOME: folder });

/** A connection to the room, as its server has it. */
interface RoomConnection {
	readonly socket: Socket;
	received: string;
}
const connections: RoomConnection[] = [];
const room = createServer((socket) => {
	const connection: RoomConnection = { socket, received: "" };
	socket.on("data", (bytes) => {
		connection.received += bytes;
	});
	socket.on("error", () => {});
	connections.push(connection);
});
const endpoint = { host: "127.0.0.1", port: await listen(room), fingerprints: [] };

const end = new AbortController();
const names: string[] = [];
const services = {
	servers: new ServerList([endpoint], { keys, knownServers: new KnownServers(configDir) }),
	devices: new RememberedDevices(configDir, [endpoint]),
	store: configDir,
	setting: { servers: "here", room: "here", remember: false, patience: 1 },
	opened() {},
	joined: (name: string) => names.push(name),
};
const window = new Window({ ...services, signal: end.signal });
const door = new LoopbackDoor(new Site([]), window);
afterAll(() => {
	door.stop();
	for (const { socket } of connections) socket.destroy();
	room.close();
	rmSync(folder, { recursive: true });
});
const link = new URL(door.link);

const keyFiles = (): string[] => readdirSync(keys.path).filter((name) => name.endsWith(".key"));

/** A page, as far as its WebSockets go. */
class TestPage {
	readonly #control = this.#open("/control");
	#said = "";
	#tries = 0;

	private constructor() {
		this.#control.on("data", (text) => {
			this.#said += text;
		});
	}

	/** Resolves when no other page has the window any more. */
	static open(): Promise<TestPage> {
		return eventually("the window", async () => {
			const page = new TestPage();
			await eventually(
				"an answer",
				() => page.#said !== "" || page.#control.readyState === "closed",
			);
			return page.#said === "" ? null : page;
		});
	}

	#open(path: string): PageSocket {
		const headers = { "Sec-WebSocket-Protocol": link.hash.slice(1) };
		return new PageSocket(Number(link.port), { headers, path });
	}

	say(message: object): void {
		this.#control.write(`${JSON.stringify(message)}\n`);
	}

	/** The next message of this type. */
	hear(type: string): Promise<Record<string, unknown>> {
		return eventually(type, () => {
			const lines = this.#said.split("\n");
			const at = lines.findIndex((line) => line !== "" && JSON.parse(line).type === type);
			if (at < 0) return null;
			const [line = ""] = lines.splice(at, 1);
			this.#said = lines.join("\n");
			return JSON.parse(line);
		});
	}

	/** Connects to the room, under this id. */
	async connect(id: string): Promise<[PageSocket, RoomConnection]> {
		const before = connections.length;
		this.say({ type: "try", id: ++this.#tries });
		const { number } = await this.hear("attempt");
		const socket = this.#open(`/room?${number}`);
		socket.write(`FERNET-CHAT/1 ${id} ${KEY}\n`);
		let said = "";
		socket.on("data", (text) => {
			said += text;
		});
		await eventually("the connection", () => said === "CONNECTED\n");
		this.say({ type: "tried", number });
		await this.hear("tried_all");
		return [socket, await eventually("the room's end", () => connections[before])];
	}

	/** As a page that is closed does. */
	leave(): void {
		this.say({ type: "going" });
		this.#control.end();
	}
}

const KEY = `${"A".repeat(43)}=`;
const [FIRST, SECOND, THIRD] = ["1", "2", "3"].map((digit) => digit.repeat(32)) as [
	string,
	string,
	string,
];

test("the key is taken off the hello, for a file that is there as long as the connection", async () => {
	const page = await TestPage.open();
	const [socket, server] = await page.connect(FIRST);
	await eventually("the hello", () => server.received !== "");
	expect(server.received).toBe(`FERNET-CHAT/1 ${FIRST}\n`);
	expect(keyFiles()).toEqual([`${FIRST}.key`]);
	expect(readFileSync(join(keys.path, `${FIRST}.key`), "utf8")).toBe(KEY);
	socket.write("sealed\n");
	await eventually("a line", () => server.received.endsWith("\nsealed\n"));
	socket.resetAndDestroy();
	await eventually("the end", () => server.socket.readyState === "closed");
	await eventually("no key", () => keyFiles().length === 0);
	// A server that hangs up ends the page's connection, too, and takes the key with it.
	const [other, hangingUp] = await page.connect(SECOND);
	expect(keyFiles()).toEqual([`${SECOND}.key`]);
	hangingUp.socket.end();
	await eventually("the end", () => other.readyState === "closed");
	expect(keyFiles()).toEqual([]);
	page.leave();
});

test("a page that is back in time goes on, and the goodbye of the one before is not said", async () => {
	const page = await TestPage.open();
	page.say({ type: "joined", name: "ann" });
	const [socket, server] = await page.connect(FIRST);
	socket.write("PARTING goodbye\n");
	socket.write("last\n");
	await eventually("the last line", () => server.received.endsWith("last\n"));
	socket.resetAndDestroy();
	page.leave();
	const reloaded = await TestPage.open();
	expect(server.socket.readyState).toBe("open");
	const [again, next] = await reloaded.connect(THIRD);
	await eventually("the end of the one before", () => server.socket.readyState === "closed");
	expect(server.received).toBe(`FERNET-CHAT/1 ${FIRST}\nlast\n`);
	expect(keyFiles()).toEqual([`${THIRD}.key`]);

	again.write("PARTING so long\n");
	again.resetAndDestroy();
	reloaded.leave();
	const closed = window.closed();
	await eventually("the goodbye", () => next.received.endsWith("so long\n"));
	next.socket.end();
	expect(await closed).toMatchObject({
		code: 0,
		text: "The window was closed. You left the room.",
	});
	await eventually("no key", () => keyFiles().length === 0);
	expect(names).toEqual(["ann"]);
});

test("a page that does not answer keeps nobody from ending the client, who then knows", async () => {
	const ends: ExitStatus[] = [];
	for (const name of [undefined, "ann"]) {
		const end = new AbortController();
		const stuck = new Window({ ...services, signal: end.signal });
		const page = stuck.control({ send: () => true, close() {} });
		if (name) page.message(JSON.stringify({ type: "joined", name }));
		end.abort();
		ends.push(await stuck.closed());
	}
	expect(ends).toMatchObject([
		{ code: 0, text: "You did not log in." },
		{ code: 0, text: expect.stringContaining("The window did not answer.") },
	]);
});

test("a page that crashed has longer to be back than one that was closed", async () => {
	const [end, socket] = [new AbortController(), { send: () => true, close() {} }];
	const [crashed, closed] = [
		new Window({ ...services, signal: end.signal }),
		new Window({ ...services, signal: end.signal }),
	];
	const [first, second] = [crashed.control(socket), closed.control(socket)];
	first.message(JSON.stringify({ type: "joined", name: "ann" }));
	first.closed();
	second.message(JSON.stringify({ type: "going" }));
	second.closed();
	// Its end comes first, though it began later.
	expect(await Promise.race([crashed.closed(), closed.closed()])).toMatchObject({
		text: "The window was closed. You did not log in.",
	});
	end.abort();
	expect(await crashed.closed()).toMatchObject({
		code: 0,
		text: "The window is gone. The room may show you as away for a while.",
	});
});
