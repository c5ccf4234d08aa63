import { afterEach, beforeEach, expect, test } from "bun:test";
import { chmod, chown, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { selfSigned } from "../../support/certificates.ts";
import { Program } from "../../support/programs.ts";

// State folders and files that other users of the machine own or can read.

/** An account that is not ours. Only root can give it files. */
const SOMEBODY = 65_534;
const isRoot = process.getuid?.() === 0;

const identity = await selfSigned("chat.test");

let folder: string;
let state: string;

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "fernet-chat-state-"));
	state = join(folder, "state");
	await mkdir(state, { mode: 0o700 });
});

afterEach(() => rm(folder, { recursive: true }));

/** Runs a server that refuses to start, and returns its error message. */
async function refusal(...flags: string[]): Promise<string> {
	const place = ["--port", "0", "--keys", join(folder, "keys"), "--state", state];
	await using server = new Program("server.ts", [...place, ...flags], {});
	expect(await server.exit()).toBe(1);
	expect(server.out).toBe("");
	expect(server.err.trimEnd().split("\n")).toHaveLength(1);
	return server.err;
}

/** Writes a certificate where the server keeps its own, with this mode. */
async function keep(mode: number): Promise<string> {
	const file = join(state, "server.pem");
	await writeFile(file, `${identity.key}${identity.cert}`, { mode: 0o600 });
	await chmod(file, mode);
	return file;
}

test("a folder that others can read is refused, and left as it is", async () => {
	for (const mode of [0o777, 0o750, 0o701]) {
		await chmod(state, mode);
		expect(await refusal()).toContain(`chmod 700 ${state}\n`);
		expect(await refusal("--tls")).toContain(`chmod 700 ${state}\n`);
	}
	expect(await readdir(state)).toEqual([]);
});

test("a certificate that others can read is refused", async () => {
	for (const mode of [0o640, 0o604]) {
		const file = await keep(mode);
		expect(await refusal("--tls")).toContain(`chmod 600 ${file}\n`);
	}
});

test("another user's folder, or certificate, is refused", async () => {
	const file = await keep(0o600);
	if (isRoot) {
		await chown(file, SOMEBODY, SOMEBODY);
		expect(await refusal("--tls")).toContain(`${file} belongs to another user.\n`);
		await chown(state, SOMEBODY, SOMEBODY);
	} else {
		state = "/usr";
	}
	expect(await refusal()).toContain(`${state} belongs to another user.\n`);
});
