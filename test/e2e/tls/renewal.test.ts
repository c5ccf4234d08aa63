import { expect, test } from "bun:test";
import { mkdtemp, rename, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { fingerprintOf, type Identity, selfSigned } from "../../support/certificates.ts";
import { eventually } from "../../support/eventually.ts";
import { Stage } from "../../support/programs.ts";
import { Screen } from "../../support/terminal.ts";
import { TlsStage } from "./tls-stage.ts";

// The operator replaces the certificate while the room is open.

const first = await selfSigned("chat.test");
const second = await selfSigned("chat.test");

/** The fingerprint of the certificate that the server shows a newcomer. */
function shown(port: number): Promise<string> {
	const { promise, resolve, reject } = Promise.withResolvers<string>();
	const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false }, () => {
		resolve(socket.getPeerCertificate().fingerprint256.replaceAll(":", "").toLowerCase());
		socket.destroy();
	});
	socket.on("error", reject);
	return promise;
}

const waitUntilShown = (tls: TlsStage, identity: Identity): Promise<boolean> =>
	eventually(
		"the other certificate",
		async () => (await shown(tls.port)) === fingerprintOf(identity),
		() => tls.stage.server.err,
	);

test("newcomers see the new one without anybody being told, members notice nothing", async () => {
	await using tls = await TlsStage.certified(first);
	const ann = await tls.member("ann", `127.0.0.1:${tls.port}#${fingerprintOf(first)}`);
	await tls.renew(second);
	await waitUntilShown(tls, second);
	await tls.stage.server.waitForOutput(
		new RegExp(` certificate: .* fingerprint is ${fingerprintOf(second)}\n`),
	);
	const bob = await tls.member("bob", `127.0.0.1:${tls.port}#${fingerprintOf(second)}`);
	for (const bot of [ann, bob]) {
		bot.say("hello");
		for (const other of [ann, bob]) await other.waitFor({ type: "said", text: "hello" });
	}
	expect(ann.lines.map(({ type }) => type)).not.toContain("offline");
});

test("a moved link counts as well, as a renewal makes it", async () => {
	await using tls = await TlsStage.certified(first);
	const [cert, key] = ["cert.pem", "key.pem"].map((name) => join(tls.folder, name));
	await Promise.all([writeFile(`${cert}.2`, second.cert), writeFile(`${key}.2`, second.key)]);
	await Bun.$`chmod 600 ${key}.2 && ln -sf ${cert}.2 ${cert} && ln -sf ${key}.2 ${key}`;
	await waitUntilShown(tls, second);
});

test("SIGHUP does it without a change that can be seen; without TLS it ends the server as ever", async () => {
	await using tls = await TlsStage.certified(first);
	tls.stage.server.kill("SIGHUP");
	// The files have not changed, so only the signal makes the server read them again.
	await tls.stage.server.waitForOutput(" certificate: ");
	await using clear = await Stage.open();
	clear.server.kill("SIGHUP");
	expect(await clear.server.exit()).toBe(0);
	expect(clear.server.out).toContain("The server was stopped.");
});

test("on a terminal SIGHUP says that this was closed, and ends the server with TLS too", async () => {
	const folder = await mkdtemp(join(tmpdir(), "fernet-chat-hangup-"));
	try {
		const place = ["--port", "0", "--keys", join(folder, "keys"), "--state", join(folder, "state")];
		await using server = new Screen("server.ts", [...place, "--tls", "--stay"]);
		await server.waitForText("On other devices");
		server.kill("SIGHUP");
		expect(await server.exit()).toBe(0);
	} finally {
		await rm(folder, { recursive: true });
	}
});

const spoilt: [what: string, spoil: (cert: string, key: string) => Promise<unknown>][] = [
	["a certificate half written", (cert) => truncate(cert, 200)],
	["an empty key", (_, key) => truncate(key, 0)],
	["a key of another certificate", (_, key) => writeFile(key, second.key)],
	["no certificate at all", (cert) => rename(cert, `${cert}.old`)],
	["a key that everybody can read", (_, key) => Bun.$`chmod 644 ${key}`],
];

test("what cannot be used is said, and the one before stays in use until it can", async () => {
	await using tls = await TlsStage.certified(first);
	const ann = await tls.peer("ann");
	const { server } = tls.stage;
	for (const [what, spoil] of spoilt) {
		const { length } = server.err;
		await spoil(join(tls.folder, "cert.pem"), join(tls.folder, "key.pem"));
		server.kill("SIGHUP");
		await eventually(
			`a warning at ${what}`,
			() => / warning: .*certificate.*\n/.test(server.err.slice(length)),
			() => server.err,
		);
		expect(await shown(tls.port)).toBe(fingerprintOf(first));
		await tls.renew(first);
	}
	await tls.renew(second);
	await waitUntilShown(tls, second);
	ann.send({ type: "say", id: "1", text: "undisturbed" });
	await ann.waitFor("said");
});
