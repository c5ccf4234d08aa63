import { afterAll, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { PageSocket } from "../../support/page-socket.ts";
import { Peer } from "../../support/peer.ts";
import { Stage } from "../../support/programs.ts";
import { exchange, opens, parseAnswer, request, UPGRADE } from "./raw-http.ts";

// Another site's page cannot speak to the web listener, and a name that leads here is not the page's.

const stage = await Stage.openWith({ isLocal: true, isPaged: true });
afterAll(() => stage[Symbol.asyncDispose]());
const port = Number(stage.url.port);
const { origin, host } = stage.url;

const ask = async (path: string, headers: Record<string, string | undefined>) =>
	parseAnswer(await exchange(port, request(path, headers)));

const foreign: [what: string, host: string | undefined][] = [
	["none", undefined],
	["an empty one", ""],
	["a name that an attacker points here", "evil.test"],
	["the same with our port", `evil.test:${port}`],
	["a name that begins like ours", `localhost.evil.test:${port}`],
	["a name that ends like ours", `evil-localhost:${port}`],
	["a name with a dot at its end", `localhost.:${port}`],
	["no port", "127.0.0.1"],
	["another port", `127.0.0.1:${stage.port}`],
	["our port and more", `127.0.0.1:${port}0`],
	["another address of this machine", `127.0.0.2:${port}`],
	["every address", `0.0.0.0:${port}`],
	["an address in one number", `2130706433:${port}`],
	["somebody in front", `x@127.0.0.1:${port}`],
	["IPv6 without brackets", `::1:${port}`],
];

describe.each(foreign)("with %s for a Host", (_, given) => {
	test("nothing is served, not even that something is not there", async () => {
		for (const path of ["/", "/icon.svg", "/nothing", "/socket"]) {
			const { status, body } = await ask(path, { Host: given, Origin: origin });
			expect([status, body]).toEqual([421, `The page is at ${origin}/ and at no other address.\n`]);
		}
	});

	test("no WebSocket is opened, whatever the Origin", async () => {
		for (const from of [origin, `http://${given}`]) {
			expect((await opens(port, { Host: given, Origin: from })).status).toBe(421);
		}
	});
});

test.each([host, `localhost:${port}`, `LOCALHOST:${port}`, `[::1]:${port}`])(
	"%s is the page's own address",
	async (own) => {
		expect((await ask("/", { Host: own })).status).toBe(200);
		expect((await opens(port, { Host: own, Origin: `http://${own.toLowerCase()}` })).status).toBe(
			101,
		);
	},
);

const strangers: [what: string, from: string | undefined][] = [
	["none", undefined],
	["one that hides itself", "null"],
	["another site's", "https://evil.test"],
	["another port's", `http://127.0.0.1:${stage.port}`],
	["one with a path", `${origin}/`],
	["https", `https://${host}`],
	["another name of ours", `http://localhost:${port}`],
	["ours among others", `${origin}, https://evil.test`],
	["a longer one", `${origin}.evil.test`],
];

test.each(strangers)("with %s for an Origin, no WebSocket is opened", async (_, from) => {
	const answer = await opens(port, { Host: host, Origin: from });
	expect([answer.status, answer.body]).toEqual([403, `Only the page at ${origin} can use this.\n`]);
});

const fetched = (site: string, mode = "no-cors", dest = "empty") => ({
	...{ "Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": dest },
});
const foreignRequests: [what: string, path: string, headers: Record<string, string>][] = [
	["a picture", "/icon.svg", fetched("cross-site", "no-cors", "image")],
	["a script", "/", fetched("cross-site", "no-cors", "script")],
	["what it cannot read", "/nothing", fetched("same-site")],
	["what it would read, in an old browser", "/", { Origin: "https://evil.test" }],
	["what it would read, from nowhere", "/", { Origin: "null" }],
	["a frame", "/", fetched("cross-site", "navigate", "iframe")],
	["a WebSocket", "/socket", { ...UPGRADE, Origin: "https://evil.test" }],
];

describe("another site's page", () => {
	test("gets nothing, and uses up none of the requests of its reader's network", async () => {
		await using other = await Stage.openWith(
			{ isLocal: true, isPaged: true },
			...["--max-per-address", "1"],
		);
		const own = Number(other.url.port);
		const status = async (path: string, headers: Record<string, string>) =>
			parseAnswer(await exchange(own, request(path, { Host: other.url.host, ...headers }))).status;
		for (const [, path, headers] of [...foreignRequests, ...foreignRequests]) {
			expect(await status(path, headers)).toBe(403);
		}
		// All that a network may ask within a window, and the end of it.
		for (let i = 0; i < 8; i++) expect(await status("/", {})).toBe(200);
		expect(await status("/", {})).toBe(429);
	});

	test.each(foreignRequests)("is served nothing if it asks for %s", async (_, path, headers) => {
		const { status, body } = await ask(path, { Host: host, ...headers });
		expect([status, body]).toEqual([403, `Only the page at ${origin} can use this.\n`]);
	});

	test("may have a link to ours; ours loads its files, and what is no browser says nothing", async () => {
		const link = fetched("cross-site", "navigate", "document");
		for (const headers of [link, fetched("none", "navigate", "document")]) {
			expect((await ask("/", { Host: host, ...headers })).status).toBe(200);
		}
		for (const headers of [fetched("same-origin"), { Origin: origin }, {}]) {
			expect((await ask("/icon.svg", { Host: host, ...headers })).status).toBe(200);
		}
	});
});

const malformed: [what: string, status: number, headers: Record<string, string | undefined>][] = [
	["no Upgrade", 426, { Upgrade: undefined }],
	["another Upgrade", 426, { Upgrade: "h2c" }],
	["no Connection", 426, { Connection: "keep-alive" }],
	["an old version", 426, { "Sec-WebSocket-Version": "8" }],
	["no key", 400, { "Sec-WebSocket-Key": undefined }],
	["a short key", 400, { "Sec-WebSocket-Key": "dGhlIHNhbXBsZQ==" }],
	["two keys", 400, { "Sec-WebSocket-Key": `${"A".repeat(22)}==, ${"A".repeat(22)}==` }],
];

test.each(malformed)("a WebSocket with %s is refused", async (_, status, headers) => {
	expect((await opens(port, { Host: host, Origin: origin, ...headers })).status).toBe(status);
});

test("the answer is the one that RFC 6455 gives for its key, and offers no compression", async () => {
	const extensions = { "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits" };
	const { status, headers } = await opens(port, { Host: host, Origin: origin, ...extensions });
	expect([status, headers["sec-websocket-accept"]]).toEqual([101, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="]);
	expect(headers).not.toHaveProperty("sec-websocket-extensions");
});

test("a key in clear is taken from the page alone, not from a socket of the room's port", async () => {
	const page = Peer.greeting(stage);
	page.send({ type: "login_methods" });
	await page.waitFor("login_methods");
	const peer = stage.tidy(new Peer(stage.port, connect(stage.port, "127.0.0.1")));
	peer.line(`FERNET-CHAT/1 ${peer.id} ${peer.key}`);
	expect(await peer.waitUntilClosed()).toContain("key_in_clear");
});

test("what speaks no HTTP and what speaks no WebSocket learns nothing of the room", async () => {
	const plain = stage.tidy(new Peer(port, connect(port, "127.0.0.1")));
	plain.line(`FERNET-CHAT/1 ${plain.id} ${plain.key}`);
	plain.raw("\r\n\r\n");
	expect(await plain.waitUntilClosed()).toContain("HTTP/1.1 400 ");
	const socket = new PageSocket(port);
	socket.raw(Buffer.from("FERNET-CHAT/1 in clear\n"));
	const peer = stage.tidy(new Peer(port, socket));
	expect(await peer.waitUntilClosed()).toContain("not_fernet_chat");
});
