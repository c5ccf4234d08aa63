import { afterAll, expect, test } from "bun:test";
import { once } from "node:events";
import { connect } from "node:net";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { Peer } from "../../support/peer.ts";
import { Stage } from "../../support/programs.ts";
import { exchange, parseAnswer, request } from "./raw-http.ts";

// What the page's port serves, and with which headers.

const stage = await Stage.openWith({ isLocal: true, isPaged: true }, "--hello-time", "1");
afterAll(() => stage[Symbol.asyncDispose]());
const { url } = stage;
const port = Number(url.port);

const ask = async (path: string, headers = {}, method = "GET") =>
	parseAnswer(await exchange(port, request(path, { Host: url.host, ...headers }, method)));

/** The files that the page names. */
async function filesOfPage(): Promise<string[]> {
	const { body } = await ask("/");
	return Array.from(body.matchAll(/(?:src|href)="\.(\/[^"]+)"/g), ([, path = ""]) => path);
}

/** Bytes of the page and all that it loads before somebody does anything. */
async function firstLoad(encoding: string): Promise<number> {
	const named = await filesOfPage();
	const script = await ask(named.find((path) => path.endsWith(".js")) ?? "");
	const worker = /timer-worker-[a-z\d]{8}\.js/.exec(script.body)?.[0];
	// The icon for a home screen is loaded when somebody puts the page there.
	const paths = ["/", ...named.filter((path) => !path.endsWith(".png")), `/${worker}`];
	const files = await Promise.all(paths.map((path) => ask(path, { "Accept-Encoding": encoding })));
	expect(files.map(({ status }) => status)).toEqual(paths.map(() => 200));
	return files.reduce((sum, { body }) => sum + body.length, 0);
}

const SECURITY = {
	"content-security-policy":
		"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types timers",
	"x-content-type-options": "nosniff",
	"referrer-policy": "no-referrer",
	"cross-origin-opener-policy": "same-origin",
	"cross-origin-resource-policy": "same-origin",
};

test("the page names its script, style, manifest and icon, and each is there for ever", async () => {
	const page = await ask("/");
	expect(page).toMatchObject({
		status: 200,
		headers: { "content-type": "text/html;charset=utf-8", "cache-control": "no-cache" },
	});
	expect(page.headers["content-length"]).toBe(String(page.body.length));
	const paths = await filesOfPage();
	const types = await Promise.all(
		paths.map(async (path) => {
			const { status, headers, body } = await ask(path);
			expect(headers["cache-control"]).toBe("public, max-age=31536000, immutable");
			expect([status, headers["content-length"]]).toEqual([200, String(body.length)]);
			return headers["content-type"];
		}),
	);
	for (const type of ["text/javascript", "text/css", "application/manifest+json", "image/svg"]) {
		expect(types.join()).toContain(type);
	}
	// The manifest names the icon, and nothing renames it there.
	const icon = await ask("/icon.svg");
	expect([icon.status, icon.headers["cache-control"]]).toEqual([200, "no-cache"]);
});

test("a file is compressed for whoever takes it so, and unchanged it is not sent again", async () => {
	const plain = await ask("/");
	for (const [expected, accepted] of [
		["br", "gzip, deflate, br, zstd"],
		["br", "BR;q=0.1, gzip"],
		["br", "gzip;q=0, br ; q=0.5"],
		["gzip", "gzip"],
		["gzip", "br;q=0, GZIP;q=0.5, *;q=0"],
		["gzip", "deflate, gzip;q=1.0, brotli"],
		[undefined, "gzip;q=0"],
		[undefined, "br;q=0.000, identity"],
		[undefined, "x-gzip, brx"],
	] as const) {
		const { headers, body } = await ask("/", { "Accept-Encoding": accepted });
		expect(headers["content-encoding"]).toBe(expected);
		const decode = { br: brotliDecompressSync, gzip: gunzipSync, none: (it: Buffer) => it };
		const decoded = decode[expected ?? "none"](Buffer.from(body, "latin1"));
		expect(decoded.toString("latin1")).toBe(plain.body);
	}
	expect(plain.headers.vary).toBe("Accept-Encoding");
	const again = await ask("/", { "If-None-Match": plain.headers.etag });
	expect([again.status, again.body]).toEqual([304, ""]);
	expect(again.headers).toMatchObject(SECURITY);
	expect((await ask("/", { "If-None-Match": '"another"' })).status).toBe(200);
});

test("all that a browser loads at first is less than 60 KB, without TLS too", async () => {
	const [newer, older] = [await firstLoad("gzip, deflate, br"), await firstLoad("gzip, deflate")];
	expect(older).toBeLessThan(60_000);
	expect(newer).toBeLessThan(older);
});

test("HEAD gets the same without the body", async () => {
	const { status, headers, body } = await ask("/", {}, "HEAD");
	expect([status, headers["content-length"], body]).toEqual([
		200,
		(await ask("/")).headers["content-length"],
		"",
	]);
});

const LONG = "x".repeat(16 * 1024);
const odd: [what: string, status: number, bytes: string][] = [
	["an unknown path", 404, request("/index.ts", { Host: url.host })],
	["a path out of the folder", 404, request("/../server.ts", { Host: url.host })],
	["a path in code", 404, request("/%2e%2e/server.ts", { Host: url.host })],
	["two slashes", 404, request("//evil.test/", { Host: url.host })],
	["POST", 405, request("/", { Host: url.host }, "POST")],
	["PUT with a body", 405, request("/", { Host: url.host, "Content-Length": "3" }, "PUT")],
	["OPTIONS", 405, request("/socket", { Host: url.host, Origin: "http://evil.test" }, "OPTIONS")],
	["CONNECT", 400, `CONNECT ${url.host} HTTP/1.1\r\nHost: ${url.host}\r\n\r\n`],
	["a body", 413, `${request("/", { Host: url.host, "Content-Length": "3" })}abc`],
	["a body in chunks", 413, request("/", { Host: url.host, "Transfer-Encoding": "chunked" })],
	["a whole URL", 400, request(`http://${url.host}/`, { Host: url.host })],
	["HTTP/1.0", 400, `GET / HTTP/1.0\r\nHost: ${url.host}\r\n\r\n`],
	["HTTP/2", 400, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
	["two hosts", 400, `GET / HTTP/1.1\r\nHost: ${url.host}\r\nHost: evil.test\r\n\r\n`],
	["a folded header", 400, `GET / HTTP/1.1\r\nHost: ${url.host}\r\nX: a\r\n b\r\n\r\n`],
	["a space before the colon", 400, `GET / HTTP/1.1\r\nHost : ${url.host}\r\n\r\n`],
	["a bare newline", 400, `GET / HTTP/1.1\nHost: ${url.host}\r\n\r\n`],
	["a zero byte", 400, `GET / HTTP/1.1\r\nHost: ${url.host}\r\nX: \0\r\n\r\n`],
	["our own protocol", 400, "FERNET-CHAT/1 0123456789abcdef0123456789abcdef\r\n\r\n"],
	["a head too long", 431, request("/", { Host: url.host, Cookie: LONG })],
	["a head without end", 431, `GET /${LONG}`],
];

test.each(odd)("%s is answered %i, and the connection ends", async (_, status, bytes) => {
	const answer = parseAnswer(await exchange(port, bytes));
	expect(answer.status).toBe(status);
	expect(answer.headers).toMatchObject({ ...SECURITY, connection: "close" });
	expect(answer.headers).not.toHaveProperty("strict-transport-security");
	expect(answer.headers).not.toHaveProperty("access-control-allow-origin");
	// One sentence, which repeats nothing that was sent.
	expect(answer.body).toMatch(/^[A-Z][^\n]*\.\n$/);
	expect(answer.headers["content-length"]).toBe(String(answer.body.length));
});

test("405 says what is served", async () => {
	expect((await ask("/", {}, "DELETE")).headers.allow).toBe("GET, HEAD");
});

test("several requests at once are answered in order, on one connection", async () => {
	const paths = ["/", "/icon.svg", "/", "/icon.svg"];
	const requests = paths.map((path, i) =>
		request(path, { Host: url.host, Connection: i < 3 ? "keep-alive" : "close" }),
	);
	const received = await exchange(port, requests.join(""));
	const types = Array.from(received.matchAll(/Content-Type: (\S+?)(?:;|\r)/g), ([, type]) => type);
	expect(types).toEqual(["text/html", "image/svg+xml", "text/html", "image/svg+xml"]);
});

test("who sends no request, half of one, or nothing after an answer is not waited for", async () => {
	const half = request("/", { Host: url.host }).slice(0, 40);
	const one = request("/", { Host: url.host, Connection: "keep-alive" });
	const [silent, slow, done] = await Promise.all(["", half, one].map((it) => exchange(port, it)));
	expect([silent, slow]).toEqual(["", ""]);
	expect(parseAnswer(done ?? "").status).toBe(200);
});

test("of browsers that ask for nothing, the oldest makes way; one in mid-request is told why", async () => {
	await using small = await Stage.openWith(
		{ isLocal: true, isPaged: true },
		"--max-strangers",
		"3",
	);
	const place = Number(small.url.port);
	const one = request("/icon.svg", { Host: small.url.host, Connection: "keep-alive" });
	const first = connect(place, "127.0.0.1");
	const told = exchange(place, one + one.slice(0, 40), first);
	// With the answer to the one, the server has the half of the other.
	await once(first, "data");
	const others = Array.from({ length: 3 }, () => connect(place, "127.0.0.1"));
	const [, refusal = ""] = (await told).split("</svg>\n");
	expect(parseAnswer(refusal)).toMatchObject({ status: 503, headers: { "retry-after": "10" } });
	// They do not count as strangers of the room.
	const peer = await Peer.member(small, "ann");
	expect(peer.closed).toBe(false);
	for (const socket of others) socket.destroy();
});

test("a network may make so many requests, and is told to wait", async () => {
	const flags = ["--max-per-address", "16"];
	await using other = await Stage.openWith({ isLocal: true, isPaged: true }, ...flags);
	const { host, port: busy } = other.url;
	const one = request("/icon.svg", { Host: host, Connection: "keep-alive" });
	const received = await exchange(Number(busy), one.repeat(129));
	const statuses = Array.from(received.matchAll(/HTTP\/1\.1 (\d+) /g), ([, status]) => status);
	expect(statuses).toEqual([...Array(128).fill("200"), "429"]);
	expect(received).toContain("Retry-After: 10\r\n");
});
