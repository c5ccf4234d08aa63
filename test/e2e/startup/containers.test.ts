import { afterAll, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serverOptions } from "../../../lib/options/server.ts";
import { randomId } from "../../../lib/util/random-id.ts";
import { generateKey } from "../../../lib/wire/crypto/fernet.ts";
import manifest from "../../../package.json";
import { canMakeContainers, IN_CONTAINER, processOne } from "../../support/container.ts";
import { Program } from "../../support/programs.ts";
import { ROOT } from "../../support/root.ts";

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

test.each(["SIGTERM", "SIGINT"] as const)(
	"process 1, for which no signal has an effect of its own, reads files again at SIGHUP and ends at %s",
	async (end) => {
		const folder = join(keys, "..", end);
		const place = ["--port", "0", "--keys", join(folder, "keys"), "--state", join(folder, "state")];
		await using server = new Program("server.ts", [...place, "--tls", "--stay"], {}, within);
		await server.waitForOutput("The server's fingerprint");
		const pid = within.length === 0 ? server.pid : processOne(server.pid);
		process.kill(Number(pid), "SIGHUP");
		await server.waitForOutput("The certificate was reloaded");
		process.kill(Number(pid), end);
		expect(await server.exit()).toBe(0);
		expect(server.out).toEndWith("The server was stopped.\n");
	},
);

const containerfile = await readFile(join(ROOT, "lib/server/deploy/Containerfile"), "utf8");
/** What stands after a keyword, in each line that begins with it. */
const given = (keyword: string): string[] =>
	Array.from(
		containerfile.matchAll(new RegExp(`^${keyword} (.*)$`, "gm")),
		([, text = ""]) => text,
	);

test("the Containerfile starts the server with flags and variables that it takes, by our Bun", () => {
	const [program, ...flags] = JSON.parse(given("ENTRYPOINT").join());
	expect(program).toBe("fernet-chat-server");
	const environment = Object.fromEntries(given("ENV").map((line) => line.split("=")));
	const [state = "", ...more] = given("VOLUME");
	expect(
		serverOptions(flags, { ...environment, FERNET_CHAT_PUBLIC: "chat.example" }),
	).toMatchObject({
		...{ host: "::", tls: "own", stay: true, state, room: null },
		...{ keys: "/dev/shm/fernet-chat", public: [{ host: "chat.example", port: 5050 }] },
	});
	expect(more).toEqual([]);
	expect(given("EXPOSE")).toEqual(["5050"]);
	expect(given("FROM")[0]).toBe(
		`docker.io/oven/${manifest.packageManager.replace("@", ":")} AS build`,
	);
	const copied = given("COPY(?! --)").flatMap((line) => line.split(" ").slice(0, -1));
	expect(copied.length).toBeGreaterThan(5);
	expect(copied.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
	expect(given("RUN").join()).toContain("bun run build");
});
