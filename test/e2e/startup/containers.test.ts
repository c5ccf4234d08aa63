import { afterAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomId } from "../../../lib/util/random-id.ts";
import { generateKey } from "../../../lib/wire/crypto/fernet.ts";
import { canMakeContainers, IN_CONTAINER } from "../../support/container.ts";
import { Program } from "../../support/programs.ts";

// Containers that share a keys volume: each server is process 1, and none reaches another's port.

/** What the servers run in: where we cannot make containers, they share this machine. */
const within = canMakeContainers() ? IN_CONTAINER : [];
const keys = join(await mkdtemp(join(tmpdir(), "fernet-chat-volume-")), "keys");

afterAll(() => rm(join(keys, ".."), { recursive: true }));

const serve = () => new Program("server.ts", ["--port", "0", "--keys", keys, "--stay"], {}, within);

test("one server uses the volume; the next is refused and touches no key, until the first is killed", async () => {
	await mkdir(keys, { mode: 0o700 });
	await using first = serve();
	await first.waitForOutput("listens on");
	const key = `${randomId()}.key`;
	await writeFile(join(keys, key), generateKey(), { mode: 0o600 });
	await using second = serve();
	await second.waitForOutput("Another server");
	expect(await second.exit()).toBe(1);
	expect(second.err).toBe(
		`--keys: Another server is using the keys folder ${keys}. Choose another folder with --keys.\n`,
	);
	expect(await readdir(keys)).toContain(key);
	first.kill("SIGKILL");
	await first.exit();
	await utimes(join(keys, key), 0, 0);
	await using third = serve();
	await third.waitForOutput("listens on");
	expect(await readdir(keys)).toEqual(["server.lock"]);
});
