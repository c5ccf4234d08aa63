import { afterAll, describe, expect, test } from "bun:test";
import { createServer, request as forward } from "node:http";
import { connect, type Socket } from "node:net";
import { Guest } from "../../support/crowd.ts";
import { eventually } from "../../support/eventually.ts";
import { listen } from "../../support/listen.ts";
import { PageSocket } from "../../support/page-socket.ts";
import { Peer } from "../../support/peer.ts";
import { Stage } from "../../support/programs.ts";
import { exchange, opens, parseAnswer, request } from "./raw-http.ts";

// Behind a reverse proxy, which has the certificate and says who the client is.

const ORIGIN = "https://chat.example";
const HOST = "chat.example";

/** A room behind a proxy; its own page's address is the proxy's. */
async function open(...flags: string[]): Promise<{ stage: Stage; port: number }> {
	const web = ["--web", "0", "--web-origin", ORIGIN, ...flags];
	const stage = await Stage.local(...web);
	const [, port] = /page for browsers on 127\.0\.0\.1:(\d+)\./.exec(stage.server.out) ?? [];
	return { stage, port: Number(port) };
}

const { stage, port } = await open("--trust-proxy", "--address-logins", "2");
afterAll(() => stage[Symbol.asyncDispose]());

const ask = async (path: string, headers: Record<string, string | undefined>, to = port) =>
	parseAnswer(await exchange(to, request(path, headers)));

test("the link is the proxy's, and the page answers to it alone", async () => {
	expect(stage.server.out).toContain(`Friends without a terminal join at: ${ORIGIN}/\n`);
	const from = { "X-Forwarded-For": "192.0.2.1" };
	expect((await ask("/", { Host: HOST, ...from })).status).toBe(200);
	for (const host of ["127.0.0.1", `127.0.0.1:${port}`, `${HOST}:${port}`, `www.${HOST}`]) {
		expect((await ask("/", { Host: host, ...from })).status).toBe(421);
	}
	expect((await opens(port, { Host: HOST, Origin: ORIGIN, ...from })).status).toBe(101);
	for (const origin of [`http://${HOST}`, `${ORIGIN}:8443`, "https://evil.test", undefined]) {
		expect((await opens(port, { Host: HOST, Origin: origin, ...from })).status).toBe(403);
	}
	// What a proxy may say of the client's own request decides nothing.
	const lies = { "X-Forwarded-Host": HOST, Forwarded: `host=${HOST}`, ...from };
	expect((await ask("/", { Host: "evil.test", ...lies })).status).toBe(421);
});

const missing: [what: string, given: string | undefined][] = [
	["none", undefined],
	["an empty one", ""],
	["an empty last one", "192.0.2.1, "],
	["a name", "localhost"],
	["a port with it", "192.0.2.1:1234"],
	["an address in brackets", "[2001:db8::1]"],
	["a zone", "fe80::1%eth0"],
	["unknown", "unknown"],
	["an octet too large", "192.0.2.256"],
	["more behind it", "192.0.2.1 evil"],
	["a number", "3221225985"],
];

test.each(missing)("with %s for X-Forwarded-For nothing is served", async (_, given) => {
	const { status, body } = await ask("/", { Host: HOST, "X-Forwarded-For": given });
	expect([status, body]).toEqual([
		400,
		"The proxy must name the client's address last in X-Forwarded-For.\n",
	]);
	const headers = { Host: HOST, Origin: ORIGIN, "X-Forwarded-For": given };
	expect((await opens(port, headers)).status).toBe(400);
});

/** Tries a wrong password, from the addresses that the proxy was told and adds. */
async function logIn(forwarded: string, to = port): Promise<unknown> {
	const headers = { Host: HOST, Origin: ORIGIN, "X-Forwarded-For": forwarded };
	await using peer = new Peer(to, new PageSocket(to, { headers }));
	peer.line(`FERNET-CHAT/1 ${peer.id} ${peer.key}`);
	const email = `${peer.id}@gmail.com`;
	peer.send({ type: "login", name: "eve", email, password: "wrongwrongwrongw" });
	return (await peer.waitFor("denied")).code;
}

describe("logins are counted by the address that the proxy added", () => {
	test("whatever the client wrote before it", async () => {
		const codes: unknown[] = [];
		for (const forged of ["", "10.0.0.1, ", "nonsense, ", "::1, 10.0.0.2, "]) {
			codes.push(await logIn(`${forged}192.0.2.7`));
		}
		expect(codes.slice(0, 2)).toEqual(["wrong_password", "wrong_password"]);
		expect(codes.slice(2)).toEqual(["too_many_logins", "too_many_logins"]);
		// Others are not affected, though all come from the proxy's address.
		expect(await logIn("192.0.2.8")).toBe("wrong_password");
		// The log is written after the answer.
		await stage.server.waitForOutput(" from 192.0.2.8 wrong_password");
	});

	test("one IPv6 network is one, and IPv4 in IPv6 is IPv4", async () => {
		for (const last of ["1", "2"]) {
			expect(await logIn(`2001:db8:5:6::${last}`)).toBe("wrong_password");
		}
		expect(await logIn("2001:DB8:5:6:7::3")).toBe("too_many_logins");
		expect(await logIn("2001:db8:5:7::3")).toBe("wrong_password");
		for (const form of ["192.0.2.9", "::ffff:192.0.2.9"]) {
			expect(await logIn(form)).toBe("wrong_password");
		}
		expect(await logIn("192.0.2.9")).toBe("too_many_logins");
	});
});

test("connections are counted by it, too: one network's do not keep out another's", async () => {
	const { stage: small, port: own } = await open("--trust-proxy", "--max-per-address", "2");
	await using _ = small;
	const page = (ip: string): Peer => {
		const headers = { Host: HOST, Origin: ORIGIN, "X-Forwarded-For": ip };
		return small.tidy(new Peer(own, new PageSocket(own, { headers })));
	};
	const crowd = Array.from({ length: 4 }, () => page("192.0.2.2"));
	const other = page("192.0.2.3");
	other.line(`FERNET-CHAT/1 ${other.id} ${other.key}`);
	other.send({ type: "login_methods" });
	await other.waitFor("login_methods");
	const gone = () => crowd.filter(({ closed }) => closed);
	await eventually("two sent away", () => gone().length === 2);
	for (const { received } of gone()) expect(received).toContain("too_many_connections");
	// A terminal on this machine has places of its own.
	await using guest = await Guest.join(small, "guest");
	await guest.say("hello");
});

test("without --trust-proxy the header counts for nothing", async () => {
	const { stage: plain, port: own } = await open("--address-logins", "1");
	await using _ = plain;
	expect((await ask("/", { Host: HOST }, own)).status).toBe(200);
	expect(await logIn("192.0.2.1", own)).toBe("wrong_password");
	expect(await logIn("192.0.2.2", own)).toBe("too_many_logins");
	await plain.server.waitForOutput(" from 127.0.0.1 too_many_logins");
});

test("by way of a real proxy, a page is loaded and talks with the room", async () => {
	const proxy = createServer((asked, answer) => {
		const passed = forward(
			{
				...{ port, host: "127.0.0.1", path: asked.url, method: asked.method },
				headers: { ...asked.headers, host: HOST, "x-forwarded-for": "198.51.100.1" },
			},
			(response) => {
				answer.writeHead(response.statusCode ?? 502, response.headers);
				response.pipe(answer);
			},
		);
		asked.pipe(passed);
	});
	proxy.on("upgrade", ({ url, headers }, client: Socket) => {
		const upstream = connect(port, "127.0.0.1");
		const all = {
			...headers,
			host: HOST,
			"x-forwarded-for": `${headers["x-forwarded-for"]}, 198.51.100.1`,
		};
		upstream.write(request(String(url), { ...all, Connection: "Upgrade" } as never));
		upstream.pipe(client).pipe(upstream);
		for (const end of [upstream, client]) end.on("error", () => {});
	});
	const front = await listen(proxy);
	const page = await fetch(`http://127.0.0.1:${front}/`);
	expect([page.status, await page.text()]).toEqual([200, expect.stringContaining("<script")]);
	const headers = { Host: HOST, Origin: ORIGIN, "X-Forwarded-For": "10.0.0.1" };
	const peer = stage.tidy(new Peer(front, new PageSocket(front, { headers })));
	peer.line(`FERNET-CHAT/1 ${peer.id} ${peer.key}`);
	peer.send({ type: "login", name: "ann", email: "ann@gmail.com", password: "abcdefghijklmnop" });
	await peer.waitFor("welcome");
	peer.send({ type: "say", id: "hi", text: "hello" });
	await peer.waitFor("said");
	await stage.server.waitForOutput(" joined ann ann@gmail.com from 198.51.100.1");
	proxy.close();
	proxy.closeAllConnections();
});
