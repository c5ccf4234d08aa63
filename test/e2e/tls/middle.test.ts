import { afterAll, beforeAll, expect, test } from "bun:test";
import { dial } from "../../../lib/client/net/dial.ts";
import { KnownServers } from "../../../lib/client/net/known-servers.ts";
import { ConfigDir } from "../../../lib/client/util/config-dir.ts";
import { ELSEWHERE, selfSigned } from "../../support/certificates.ts";
import { type Bot, type Json, Stage } from "../../support/programs.ts";
import { HANG_UP, Pretender } from "./pretender.ts";
import { TlsStage } from "./tls-stage.ts";

// An attacker between a client and its server learns nothing from the client.

let tls: TlsStage;
beforeAll(async () => {
	tls = await TlsStage.open();
});
afterAll(() => tls[Symbol.asyncDispose]());

/** The only line of a bot that ended before it reached a room. */
async function lastWord(bot: Bot): Promise<Json | undefined> {
	expect(await bot.exit()).toBe(3);
	expect([bot.lines.length, bot.err]).toEqual([1, ""]);
	return bot.lines[0];
}

/** The types of the TLS records in these bytes. */
function records(bytes: Buffer): number[] {
	const types: number[] = [];
	for (let at = 0; at + 5 <= bytes.length; at += 5 + bytes.readUInt16BE(at + 3)) {
		types.push(bytes[at] ?? 0);
	}
	return types;
}

const HANDSHAKE = 0x16;

test("with a certificate of their own, they get the key, the token and the hello of nobody", async () => {
	await using pretender = await Pretender.open({ identity: await selfSigned(ELSEWHERE) });
	const places = [
		[`127.0.0.1:${pretender.port}#${tls.fingerprint}`, "wrong_fingerprint"],
		[`${ELSEWHERE}:${pretender.port}`, "server_unknown"],
	] as const;
	for (const [address, reason] of places) {
		const bot = await tls.bot("ann", address);
		expect(await lastWord(bot)).toMatchObject({ type: "closed", reason });
	}
	await pretender.waitUntilLeft();
	expect(pretender.connections).toBe(2);
	expect(pretender.heard.length).toBe(0);
});

test.each([
	["the line of a server that has no TLS", "FERNET-CHAT/1 error lobby_full come back in clear\n"],
	["a web page", "HTTP/1.1 400 Bad Request\r\n\r\n"],
	["the alert of a server that will not", "\x15\x03\x03\x00\x02\x02\x28"],
	["noise", "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a"],
])("who answers in clear, with %s, has the ClientHello and nothing else", async (_, answer) => {
	await using pretender = await Pretender.open({ answer });
	for (const address of [
		`127.0.0.1:${pretender.port}#${tls.fingerprint}`,
		`${ELSEWHERE}:${pretender.port}`,
	]) {
		const bot = await tls.bot("ann", address);
		const closed = await lastWord(bot);
		expect(closed).toMatchObject({ type: "closed", reason: "no_tls" });
		expect(closed?.text).toContain("was not started with --tls.");
	}
	await pretender.waitUntilLeft();
	// The client may send an alert, but it never tries again without TLS.
	expect(records(pretender.heard).filter((type) => type !== 0x15)).toEqual([HANDSHAKE, HANDSHAKE]);
	expect(pretender.connections).toBe(2);
	expect(pretender.heard.toString("latin1")).not.toContain("FERNET-CHAT");
});

test("a server of ours without TLS is told nothing either, and serves its members on", async () => {
	await using stage = await Stage.local();
	const ann = await stage.member("ann");
	const bot = await tls.bot("bob", `${ELSEWHERE}:${stage.port}`);
	expect(await lastWord(bot)).toMatchObject({ type: "closed", reason: "no_tls" });
	ann.say("undisturbed");
	await ann.waitFor({ type: "said", text: "undisturbed" });
	expect(stage.logins).toEqual(["ann@gmail.com"]);
});

test("a server that hangs up in the middle of the handshake receives nothing", async () => {
	await using pretender = await Pretender.open({ answer: HANG_UP });
	const bot = await tls.bot("ann", `${ELSEWHERE}:${pretender.port}`);
	expect(await lastWord(bot)).toMatchObject({ type: "closed", reason: "server_lost" });
	expect(records(pretender.heard)).toEqual([HANDSHAKE]);
});

test("where nobody listens, the client says so", async () => {
	const bot = await tls.bot("ann", `${ELSEWHERE}:1`);
	expect(await lastWord(bot)).toMatchObject({ type: "closed", reason: "server_unreachable" });
});

test("a server that never answers is given up", async () => {
	await using pretender = await Pretender.open();
	const target = {
		endpoint: { host: "127.0.0.1", port: pretender.port, fingerprints: [tls.fingerprint] },
		ip: "127.0.0.1",
		keys: undefined,
		knownServers: new KnownServers(new ConfigDir({ XDG_CONFIG_HOME: tls.home("silent") })),
		// The program's own limit is too long for a test.
		limit: 200,
	};
	await expect(dial(target)).rejects.toMatchObject({ code: "tls_timeout" });
	await pretender.waitUntilLeft();
	expect(records(pretender.heard)).toEqual([HANDSHAKE]);
});
