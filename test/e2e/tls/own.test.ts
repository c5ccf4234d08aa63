import { expect, test } from "bun:test";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { problemsIn } from "../../support/log.ts";
import { Program } from "../../support/programs.ts";
import { TlsStage } from "./tls-stage.ts";

// The certificate that a server makes for itself.

const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;

test("the address that the server prints lets a member in as it stands, on a device that knows nothing", async () => {
	await using tls = await TlsStage.selfSigning();
	expect(tls.invitation).toMatch(new RegExp(`^127\\.0\\.0\\.1:${tls.port}#[0-9a-f]{64}$`));
	const ann = await tls.member("ann");
	const bob = await tls.member("bob", tls.invitation.toUpperCase());
	ann.say("hello");
	expect(await bob.waitFor({ type: "said" })).toMatchObject({ from: "ann", text: "hello" });
	expect([ann.err, bob.err, problemsIn(tls.stage.server)]).toEqual(["", "", []]);
});

test("it is made once, for the eyes of its owner alone, and is the same after a restart", async () => {
	await using tls = await TlsStage.selfSigning();
	const state = join(tls.folder, "state");
	const files = await readdir(state);
	expect(await modeOf(state)).toBe(0o700);
	for (const file of files) expect(await modeOf(join(state, file))).toBe(0o600);
	tls.stage.server.kill("SIGTERM");
	expect(await tls.stage.server.exit()).toBe(0);

	await using again = await start(state, tls.folder);
	expect(await fingerprint(again)).toBe(tls.fingerprint);
	expect(await readdir(state)).toEqual(files);
});

test("servers that start at once in one folder have one certificate, and leave nothing else there", async () => {
	const folder = await mkdtemp(join(tmpdir(), "fernet-chat-state-"));
	const servers: Program[] = [];
	try {
		const state = join(folder, "state");
		for (let i = 0; i < 3; i++) servers.push(start(state, join(folder, String(i))));
		const [first = "", ...others] = await Promise.all(servers.map(fingerprint));
		expect(first).toMatch(/^[0-9a-f]{64}$/);
		expect(others).toEqual([first, first]);
		expect(await readdir(state)).toHaveLength(1);
	} finally {
		for (const server of servers) await server[Symbol.asyncDispose]();
		await rm(folder, { recursive: true });
	}
});

/** A server with a state folder, its keys below `place`. */
const start = (state: string, place: string): Program =>
	new Program(
		"server.ts",
		["--port", "0", "--keys", join(place, "keys"), "--tls", "--state", state],
		{},
	);

async function fingerprint(server: Program): Promise<string> {
	await server.waitForOutput(/bun client\.ts '\S+#\w+'\n/);
	return /#(\w+)/.exec(server.out)?.[1] ?? "";
}
