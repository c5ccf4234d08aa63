import { afterAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type TLSSocket } from "node:tls";
import { Authority, fingerprintOf, selfSigned } from "../../support/certificates.ts";
import { eventually } from "../../support/eventually.ts";
import { PageSocket } from "../../support/page-socket.ts";
import { Peer } from "../../support/peer.ts";
import { Stage } from "../../support/programs.ts";
import { save } from "../tls/tls-stage.ts";
import { exchange, parseAnswer, request } from "./raw-http.ts";

// The page over https, with the operator's certificate.

const authority = await Authority.open();
const folder = await mkdtemp(join(tmpdir(), "fernet-chat-web-"));
const [cert, key] = await save(folder, await authority.vouch("chat.test"));
const certified = ["--tls-cert", cert, "--tls-key", key];
const stage = await Stage.openWith({ isLocal: true, isPaged: true }, ...certified);
afterAll(async () => {
	await stage[Symbol.asyncDispose]();
	await rm(folder, { recursive: true });
});
const port = Number(stage.url.port);
const { origin, host } = stage.url;

const dial = (): TLSSocket =>
	connect({ port, host: "127.0.0.1", servername: "chat.test", ca: authority.identity.cert });
const ask = async (headers: Record<string, string>) =>
	parseAnswer(await exchange(port, request("/", headers), dial()));

/** A member that joined from the page. */
async function member(name: string): Promise<Peer> {
	const peer = stage.tidy(new Peer(port, new PageSocket(port, { socket: dial(), origin })));
	peer.line(`FERNET-CHAT/1 ${peer.id} ${peer.key}`);
	const login = { type: "login", name, email: `${name}@gmail.com`, password: "abcdefghijklmnop" };
	peer.send(login);
	await peer.waitFor("welcome");
	return peer;
}

test("the link has the certificate's name, and the host's other ports are left alone", async () => {
	expect(stage.server.out).toContain(`Friends without a terminal join at: ${origin}/\n`);
	expect(origin).toBe(`https://chat.test:${port}`);
	const { status, headers, body } = await ask({ Host: host });
	expect(status).toBe(200);
	expect(headers).not.toHaveProperty("strict-transport-security");
	expect(body).toContain("<script");
});

test.each(["chat.test", `CHAT.test:${port}`, "chat.test:8443"])(
	"the page is served as %s: a router may have another port in front of ours",
	async (other) => {
		expect((await ask({ Host: other })).status).toBe(200);
	},
);

test.each([`127.0.0.1:${port}`, `localhost:${port}`, `evil.test:${port}`, "evil.test"])(
	"nothing is served as %s, for which the certificate is not",
	async (other) => {
		expect((await ask({ Host: other })).status).toBe(421);
	},
);

test("what comes without TLS is told where the page is, and serves nobody", async () => {
	for (const path of ["/", "/socket"]) {
		const answer = parseAnswer(await exchange(port, request(path, { Host: host, Origin: origin })));
		expect([answer.status, answer.body]).toEqual([
			400,
			`This port speaks https: open ${origin}/\n`,
		]);
		expect(answer.headers).not.toHaveProperty("strict-transport-security");
	}
});

test("no version of TLS before 1.3 is spoken, and a broken handshake leaves nothing behind", async () => {
	const old = connect({
		port,
		host: "127.0.0.1",
		maxVersion: "TLSv1.2",
		rejectUnauthorized: false,
	});
	expect(await exchange(port, "", old)).toBe("");
	expect(await exchange(port, "\x16 is no handshake")).not.toContain("HTTP");
	expect((await ask({ Host: host })).status).toBe(200);
});

test("a renewed certificate serves whoever comes next, and members notice nothing", async () => {
	const ann = await member("ann");
	const second = await authority.vouch("chat.test");
	await save(folder, second);
	await eventually("the other certificate", async () => {
		const socket = dial();
		await new Promise((resolve) => socket.once("secureConnect", resolve));
		const { fingerprint256 } = socket.getPeerCertificate();
		socket.destroy();
		return fingerprint256.replaceAll(":", "").toLowerCase() === fingerprintOf(second);
	});
	const bob = await member("bob");
	bob.send({ type: "say", id: "hi", text: "hello" });
	await ann.waitFor("said");
	// A certificate for another name is another address; the link that was printed no longer leads here.
	await save(folder, await authority.vouch("other.test"));
	await eventually("another name", async () => {
		const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false });
		const text = await exchange(port, request("/", { Host: `other.test:${port}` }), socket);
		return parseAnswer(text).status === 200;
	});
	expect(ann.closed).toBe(false);
});

test("with a certificate for an address, that address is the page's", async () => {
	const own = await mkdtemp(join(tmpdir(), "fernet-chat-web-"));
	const [ipCert, ipKey] = await save(own, await selfSigned("0.0.0.0"));
	const flags = ["--tls-cert", ipCert, "--tls-key", ipKey, "--public", "0.0.0.0:5050"];
	await using other = await Stage.openWith({ isLocal: true, isPaged: true }, ...flags);
	expect(other.url.hostname).toBe("0.0.0.0");
	expect(other.server.err).not.toContain("warning");
	const socket = connect({
		port: Number(other.url.port),
		host: "127.0.0.1",
		rejectUnauthorized: false,
	});
	const text = await exchange(0, request("/", { Host: other.url.host }), socket);
	expect(parseAnswer(text).status).toBe(200);
	await rm(own, { recursive: true });
});

test("a link with a name that the certificate is not for is warned of", async () => {
	const flags = [...certified, "--public", "elsewhere.test"];
	await using other = await Stage.openWith({ isLocal: true, isPaged: true }, ...flags);
	expect(other.url.hostname).toBe("elsewhere.test");
	await other.server.waitForOutput("warning: The certificate is not for the host in this link");
});

test("on IPv6 alone, the link has its address", async () => {
	await using other = await Stage.openWith({ isLocal: true, isPaged: true }, "--host", "::1");
	expect(other.url.origin).toBe(`http://[::1]:${other.url.port}`);
	expect((await fetch(other.url)).status).toBe(200);
});
