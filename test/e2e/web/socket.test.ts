import { afterAll, describe, expect, test } from "bun:test";
import { eventually } from "../../support/eventually.ts";
import { maskedFrame, PageSocket } from "../../support/page-socket.ts";
import { Peer } from "../../support/peer.ts";
import { Stage } from "../../support/programs.ts";

// A page's WebSocket: the runtime's own client, and frames by hand.

const stage = await Stage.openWith({ isLocal: true, isPaged: true });
afterAll(() => stage[Symbol.asyncDispose]());
const port = Number(stage.url.port);

/** A page's connection, and its peer, which has said hello and logged in. */
async function page(name: string): Promise<{ socket: PageSocket; peer: Peer; controls: string[] }> {
	const socket = new PageSocket(port);
	const controls: string[] = [];
	socket.on("control", (first: number, payload: Buffer) => controls.push(`${first} ${payload}`));
	const peer = stage.tidy(new Peer(port, socket));
	peer.line(`FERNET-CHAT/1 ${peer.id} ${peer.key}`);
	const login = { type: "login", name, email: `${name}@gmail.com`, password: "abcdefghijklmnop" };
	peer.send(login);
	await peer.waitFor("welcome");
	return { socket, peer, controls };
}

test("the runtime's own WebSocket, a terminal and a page hear each other in one order", async () => {
	const bot = await stage.member("bot");
	const { peer } = await page("page");
	const socket = new WebSocket(`ws://${stage.url.host}/socket`, {
		headers: { Origin: stage.url.origin },
	});
	const heard: string[] = [];
	let ended: CloseEvent | undefined;
	socket.onmessage = ({ data }) => heard.push(data);
	socket.onclose = (event) => {
		ended = event;
	};
	await eventually("open", () => socket.readyState === WebSocket.OPEN);
	expect(socket.extensions).toBe("");
	const own = new Peer(port, new PageSocket(port));
	stage.tidy(own);
	// Its tokens, sent by the other.
	socket.send(`FERNET-CHAT/1 ${own.id} ${own.key}`);
	socket.send(
		own.token({ type: "login", name: "web", email: "web@gmail.com", password: "abcdefghijklmnop" }),
	);
	await bot.waitFor({ type: "joined", name: "web" });
	bot.say("one");
	await bot.waitFor({ type: "said", text: "one" });
	peer.send({ type: "say", id: "p", text: "two ✓" });
	await bot.waitFor({ type: "said", text: "two ✓" });
	socket.send(own.token({ type: "say", id: "w", text: "three" }));
	await bot.waitFor({ type: "said", text: "three" });
	await eventually("three", () => peer.messages.filter(({ type }) => type === "said").length === 3);
	const said = peer.messages.filter(({ type }) => type === "said").map(({ text }) => text);
	expect(said).toEqual(["one", "two ✓", "three"]);
	socket.send(own.token({ type: "leave" }));
	await eventually("the end", () => ended !== undefined);
	expect([ended?.code, ended?.wasClean]).toEqual([1000, true]);
	// One message is one line, without its newline.
	expect(heard.length).toBeGreaterThan(4);
	for (const line of heard) expect(line).toMatch(/^\d+ [\w=-]+$/);
});

test("a page that closes its side has left its connection, and is answered in kind", async () => {
	const { peer } = await page("closing");
	peer.end();
	await peer.waitUntilClosed();
	await eventually("offline", () => stage.server.err.includes("offline closing "));
});

test("a ping is answered with what it held; a pong that nobody asked for is not", async () => {
	const { socket, controls, peer } = await page("pinging");
	for (const text of ["", "a", "x".repeat(125)]) {
		socket.raw(maskedFrame(0x89, Buffer.from(text)));
	}
	socket.raw(maskedFrame(0x8a, Buffer.from("nobody asked")));
	peer.send({ type: "ping", private: 0 });
	await peer.waitFor("pong");
	expect(controls).toEqual(["138 ", "138 a", `138 ${"x".repeat(125)}`]);
});

const cut = (bytes: Buffer, size: number): Buffer[] =>
	Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
		bytes.subarray(i * size, (i + 1) * size),
	);

test("a line in many frames, with pings between them and cut anywhere, is one line", async () => {
	const { socket, peer, controls } = await page("frames");
	const line = Buffer.from(peer.token({ type: "say", id: "parts", text: "in parts" }));
	const parts = cut(line, 7).map((part, i, all) => {
		const opcode = i === 0 ? 1 : 0;
		return maskedFrame(i === all.length - 1 ? 0x80 | opcode : opcode, part);
	});
	const bytes = Buffer.concat(parts.flatMap((part) => [part, maskedFrame(0x89, Buffer.from("?"))]));
	for (const piece of cut(bytes, 11)) socket.raw(piece);
	await eventually("said", () => peer.messages.some(({ id }) => id === "parts"));
	expect(controls).toHaveLength(parts.length);
});

const TEXT = 0x81;
const broken: [what: string, frame: (token: Buffer) => Buffer][] = [
	["bytes for a text", (token) => maskedFrame(0x82, token)],
	["a newline at the end", (token) => maskedFrame(TEXT, Buffer.concat([token, Buffer.from("\n")]))],
	[
		"two lines in one message",
		(token) => maskedFrame(TEXT, Buffer.concat([token, Buffer.from("\n"), token])),
	],
	["an empty message", () => maskedFrame(TEXT, Buffer.alloc(0))],
	["no mask", (token) => Buffer.concat([Buffer.from([TEXT, 126, 0, token.length]), token])],
	["a reserved bit", (token) => maskedFrame(0xc1, token)],
	["an opcode of nobody", (token) => maskedFrame(0x83, token)],
	["a continuation of nothing", (token) => maskedFrame(0x80, token)],
	[
		"a message within a message",
		(token) => Buffer.concat([maskedFrame(0x01, Buffer.alloc(0)), maskedFrame(TEXT, token)]),
	],
	["a ping in parts", (token) => maskedFrame(0x09, token.subarray(0, 9))],
	["a long ping", () => maskedFrame(0x89, Buffer.alloc(126))],
];

describe("a member that sends", () => {
	test.each(broken)(
		"%s, is told that it is no token, and nothing of it is done",
		async (_, frame) => {
			const { socket, peer } = await page("breaking");
			const token = Buffer.from(peer.token({ type: "say", id: "bad", text: "never said" }));
			socket.raw(frame(token));
			expect(await peer.waitFor("closing")).toMatchObject({ code: "bad_token" });
			await peer.waitUntilClosed();
			expect(peer.messages.filter(({ type }) => type === "said")).toEqual([]);
		},
	);

	test.each([
		["in one frame", (size: number) => maskedFrame(TEXT, Buffer.alloc(size, "x"))],
		[
			"that only announces it",
			(size: number) => maskedFrame(TEXT, Buffer.alloc(size)).subarray(0, 14),
		],
		[
			"in two frames",
			(size: number) =>
				Buffer.concat([
					maskedFrame(0x01, Buffer.alloc(size - 1, "x")),
					maskedFrame(0x80, Buffer.alloc(1, "x")),
				]),
		],
		[
			"of a length beyond all numbers",
			() => Buffer.from([TEXT, 0xff, ...Array(8).fill(0xff), 1, 2, 3, 4]),
		],
	])("a line too long %s is told so", async (_, frame) => {
		const { socket, peer } = await page("long");
		socket.raw(frame(73_729));
		expect(await peer.waitFor("closing")).toMatchObject({ code: "line_too_long" });
		await peer.waitUntilClosed();
	});
});
