import { expect, test } from "bun:test";
import { mkdtemp, rename, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { fingerprintOf, type Identity, selfSigned } from "../../support/certificates.ts";
import { eventually } from "../../support/eventually.ts";
import { Stage } from "../../support/programs.ts";
import { Screen } from "../../support/terminal.ts";
import { Scene } from "./tls-stage.ts";

// A certificate that is replaced while the room is open.

const first = await selfSigned("chat.test");
const second = await selfSigned("chat.test");

/** The fingerprint that a newcomer is shown. */
function shown(port: number): Promise<string> {
	const { promise, resolve, reject } = Promise.withResolvers<string>();
	const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false }, () => {
		resolve(socket.getPeerCertificate().fingerprint256.replaceAll(":", "").toLowerCase());
		socket.destroy();
	});
	socket.on("error", reject);
	return promise;
}

const shows = (scene: Scene, identity: Identity): Promise<boolean> =>
	eventually(
		"the other certificate",
		async () => (await shown(scene.port)) === fingerprintOf(identity),
		() => scene.stage.server.err,
	);

test("newcomers see the new one without anybody being told, members notice nothing", async () => {
	await using scene = await Scene.certified(first);
	const ann = await scene.member("ann", `127.0.0.1:${scene.port}#${fingerprintOf(first)}`);
	await scene.renew(second);
	await shows(scene, second);
	await scene.stage.server.prints(
		new RegExp(` certificate: .* fingerprint is ${fingerprintOf(second)}\n`),
	);
	const bob = await scene.member("bob", `127.0.0.1:${scene.port}#${fingerprintOf(second)}`);
	for (const bot of [ann, bob]) {
		bot.say("hello");
		for (const other of [ann, bob]) await other.hears({ type: "said", text: "hello" });
	}
	expect(ann.lines.map(({ type }) => type)).not.toContain("offline");
});

test("a moved link counts as well, as a renewal makes it", async () => {
	await using scene = await Scene.certified(first);
	const [cert, key] = ["cert.pem", "key.pem"].map((name) => join(scene.folder, name));
	await Promise.all([writeFile(`${cert}.2`, second.cert), writeFile(`${key}.2`, second.key)]);
	await Bun.$`chmod 600 ${key}.2 && ln -sf ${cert}.2 ${cert} && ln -sf ${key}.2 ${key}`;
	await shows(scene, second);
});

test("SIGHUP does it without a change that can be seen; without TLS it ends the server as ever", async () => {
	await using scene = await Scene.certified(first);
	scene.stage.server.kill("SIGHUP");
	// The files are as they were: nobody who looks at them now and then would read them again.
	await scene.stage.server.prints(" certificate: ");
	await using clear = await Stage.open();
	clear.server.kill("SIGHUP");
	expect(await clear.server.exit()).toBe(0);
	expect(clear.server.out).toContain("The end: the server was stopped");
});

test("on a terminal SIGHUP says that this was closed, and ends the server with TLS too", async () => {
	const folder = await mkdtemp(join(tmpdir(), "fernet-chat-hangup-"));
	try {
		const place = ["--port", "0", "--keys", join(folder, "keys"), "--state", join(folder, "state")];
		await using server = new Screen("server.ts", [...place, "--tls", "--stay"]);
		await server.shows("On other devices");
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
	await using scene = await Scene.certified(first);
	const ann = await scene.peer("ann");
	const { server } = scene.stage;
	for (const [what, spoil] of spoilt) {
		const { length } = server.err;
		await spoil(join(scene.folder, "cert.pem"), join(scene.folder, "key.pem"));
		server.kill("SIGHUP");
		await eventually(
			`a warning at ${what}`,
			() => / warning: .*certificate.*\n/.test(server.err.slice(length)),
			() => server.err,
		);
		expect(await shown(scene.port)).toBe(fingerprintOf(first));
		await scene.renew(first);
	}
	await scene.renew(second);
	await shows(scene, second);
	ann.send({ type: "say", id: "1", text: "undisturbed" });
	await ann.hears("said");
});
