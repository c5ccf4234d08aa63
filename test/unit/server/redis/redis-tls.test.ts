import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Authority, days } from "../../../support/certificates.ts";
import { quietPort } from "../../../support/quiet-port.ts";
import { DURABLE, Redis } from "../../../support/redis.ts";

// `rediss://`: a Redis that speaks TLS at one port, and none at another.

const folder = mkdtempSync(join(tmpdir(), "fernet-chat-redis-tls-"));
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, pem: string): string {
	writeFileSync(join(folder, name), pem);
	return join(folder, name);
}

const authority = await Authority.open();
const trusted = write("authority.pem", authority.identity.cert);

/** A Redis that shows a certificate. */
async function open(name: string, since?: number): Promise<{ redis: Redis; port: number }> {
	const { cert, key } = await authority.vouch(name, since);
	const files = ["--tls-cert-file", write(`${name}.pem`, cert)];
	files.push("--tls-key-file", write(`${name}.key`, key), "--tls-auth-clients", "no");
	const port = quietPort();
	const redis = await Redis.start(
		...DURABLE,
		...["--requirepass", "sesame", "--tls-port", String(port)],
		...files,
	);
	return { redis, port };
}

const { redis, port } = await open("localhost");
const expired = await open("LOCALHOST", days(-3));
afterAll(async () => {
	await redis[Symbol.asyncDispose]();
	await expired.redis[Symbol.asyncDispose]();
});

/** What comes of each URL, in a process that trusts these authorities beside the system's. */
async function dial(urls: string[], trust: Record<string, string>): Promise<string[]> {
	const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...trust };
	const script = join(import.meta.dir, "dial.ts");
	const dialling = Bun.spawn([process.execPath, script, ...urls], { env, stderr: "inherit" });
	return JSON.parse(await new Response(dialling.stdout).text());
}

test("a server whose certificate an authority vouches for, for its name, is used, and no other", async () => {
	const answers = await dial(
		[
			`rediss://:sesame@localhost:${port}`,
			`rediss://:sesame@localhost:${port}/3`,
			`rediss://default:sesame@localhost:${port}`,
			`rediss://:wrong@localhost:${port}`,
			// The certificate is for another name, has expired, or there is none.
			`rediss://:sesame@127.0.0.1:${port}`,
			`rediss://:sesame@localhost:${expired.port}`,
			`rediss://:sesame@localhost:${redis.port}`,
			`redis://:sesame@localhost:${port}`,
		],
		{ NODE_EXTRA_CA_CERTS: trusted },
	);
	const untrusted = (place: number, host = "localhost") =>
		expect.stringContaining(`${host}:${place} offers no TLS that can be trusted: `);
	expect(answers).toEqual([
		...["OK", "OK", "OK", "It does not accept this user and password."],
		expect.stringContaining("does not match certificate's altnames: IP: 127.0.0.1 is not in"),
		untrusted(expired.port),
		`localhost:${redis.port} does not answer. If it speaks no TLS, write redis://.`,
		expect.stringMatching(/What answers there is not Redis|If it expects TLS, write rediss:/),
	]);
	const cli = (...command: string[]) => redis.cli("-a", "sesame", "--no-auth-warning", ...command);
	expect(await cli("-n", "3", "GET", "dialled")).toBe(`rediss://localhost:${port}/3`);
});

test("a server that only an unknown authority vouches for is not used", async () => {
	expect(await dial([`rediss://:sesame@localhost:${port}`], {})).toEqual([
		expect.stringContaining("offers no TLS that can be trusted: "),
	]);
});
