import { expect, test } from "bun:test";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Identity, selfSigned } from "../../support/certificates.ts";
import { LocalServer } from "../../support/local-server.ts";
import { save } from "./tls-stage.ts";

// A server that cannot use its certificate says so in one sentence, without a stack.

const good = await selfSigned("chat.test");
const other = await selfSigned("chat.test");

async function temporaryFolder() {
	const path = await mkdtemp(join(tmpdir(), "fernet-chat-start-"));
	return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

async function failsWith(folder: string, flags: string[], sentence: RegExp): Promise<void> {
	const place = ["--port", "0", "--keys", join(folder, "keys")];
	await using server = new LocalServer([...place, ...flags], {});
	expect(await server.exit()).toBe(1);
	expect(server.err).toMatch(sentence);
	expect(server.err.trimEnd().split("\n")).toHaveLength(1);
	expect(server.err).not.toContain("PRIVATE KEY");
	expect(server.out).toBe("");
}

type Spoil = (cert: string, key: string) => unknown;
const spoilt: [what: string, identity: Identity, spoil: Spoil, sentence: RegExp][] = [
	["no certificate", good, (cert) => rm(cert), /Cannot use .*cert\.pem.*no such file/i],
	["no key", good, (_, key) => rm(key), /Cannot use .*key\.pem.*no such file/i],
	[
		"a key of another",
		{ ...good, key: other.key },
		() => {},
		/Cannot use .*belongs to another certificate/,
	],
	["a key that everybody can read", good, (_, key) => chmod(key, 0o644), /key\.pem: .*chmod 600/],
	...[0o620, 0o660, 0o602].map((mode): (typeof spoilt)[number] => [
		`a key that others can write, mode ${mode.toString(8)}`,
		good,
		(_, key) => chmod(key, mode),
		/key\.pem: other users can write to it; run chmod 600/,
	]),
	["a certificate that is none", { ...good, cert: "hello" }, () => {}, /Cannot use .*cert\.pem/],
	["a key that is none", { ...good, key: "hello" }, () => {}, /Cannot use .*key\.pem/],
	["the two in each other's place", { cert: good.key, key: good.cert }, () => {}, /Cannot use /],
	["a FIFO for a certificate", good, toFifo, /Cannot use .*: it is not a regular file/],
	["a FIFO for a key", good, (_, key) => toFifo(key), /Cannot use .*: it is not a regular file/],
	["far too much", good, (cert) => writeFile(cert, " ".repeat(2 ** 20 + 1)), /1048576 bytes/],
	["a folder for a key", good, (_, key) => toFolder(key), /Cannot use .*key\.pem/],
];

async function toFifo(path: string): Promise<void> {
	await rm(path);
	Bun.spawnSync(["mkfifo", "-m", "600", path]);
}

async function toFolder(path: string): Promise<void> {
	await rm(path);
	await mkdir(path, { mode: 0o700 });
}

test.each(spoilt)("%s", async (_, identity, spoil, sentence) => {
	await using folder = await temporaryFolder();
	const [cert, key] = await save(folder.path, identity);
	await spoil(cert, key);
	await failsWith(folder.path, ["--tls-cert", cert, "--tls-key", key], sentence);
});

test("a state folder that cannot be", async () => {
	await using folder = await temporaryFolder();
	await writeFile(join(folder.path, "file"), "");
	const state = join(folder.path, "file", "state");
	await failsWith(folder.path, ["--tls", "--state", state], /state folder: ENOTDIR.*file\/state/);
});

test("a certificate of our own that was damaged", async () => {
	await using folder = await temporaryFolder();
	await writeFile(join(folder.path, "server.pem"), "", { mode: 0o600 });
	await failsWith(folder.path, ["--tls", "--state", folder.path], /Cannot use .*server\.pem/);
});
