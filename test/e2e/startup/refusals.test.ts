import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listen } from "../../support/listen.ts";
import { LocalClient } from "../../support/local-client.ts";
import { LocalServer } from "../../support/local-server.ts";
import { Program } from "../../support/programs.ts";
import { LOGIN } from "../../unit/options/read.ts";

// A program that cannot start names what the person gave, where, and the system's own reason.

let folder = "";
let takenPort = 0;
const taken = createServer();
beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), "fernet-chat-refusals-"));
	writeFileSync(join(folder, "file"), "");
	takenPort = await listen(taken);
});
afterAll(() => {
	taken.close();
	rmSync(folder, { recursive: true });
});

/** What options.test.ts shows of whole programs holds of these, which run here. */
const IN_PROCESS = { "server.ts": LocalServer, "client.ts": LocalClient };
type Script = keyof typeof IN_PROCESS;
type Refusal = [script: Script, args: string[], env: Record<string, string>, sentence: string];

/** `FOLDER` has a file and nothing else. */
const REFUSALS: Refusal[] = [
	[
		"server.ts",
		[],
		{ FERNET_CHAT_KEYS: "FOLDER/file/k" },
		"FERNET_CHAT_KEYS (--keys): Cannot use the keys folder FOLDER/file/k: ENOTDIR",
	],
	["server.ts", ["--keys=FOLDER/file"], {}, "--keys: Cannot keep keys in FOLDER/file: it is not"],
	[
		"server.ts",
		[],
		{ XDG_STATE_HOME: "FOLDER/file" },
		"XDG_STATE_HOME: Cannot use the state folder: ENOTDIR",
	],
	[
		"server.ts",
		["--tls"],
		{ FERNET_CHAT_STATE: "/proc/none" },
		"FERNET_CHAT_STATE (--state): Cannot create a certificate in /proc/none: ENOENT",
	],
	[
		"server.ts",
		[],
		{ FERNET_CHAT_MOTD: "FOLDER/none" },
		"FERNET_CHAT_MOTD (--motd): Cannot read the message of the day FOLDER/none: ENOENT",
	],
	[
		"server.ts",
		["--allow-file", "FOLDER/file/list"],
		{},
		"--allow-file: Cannot read the guest list FOLDER/file/list: ENOTDIR",
	],
	[
		"server.ts",
		["--tls-key=FOLDER/file"],
		{ FERNET_CHAT_TLS_CERT: "FOLDER/none" },
		"FERNET_CHAT_TLS_CERT (--tls-cert), --tls-key: Cannot use the certificate file FOLDER/none: ENOENT",
	],
	[
		"server.ts",
		["--port=0"],
		{ FERNET_CHAT_HOST: "192.0.2.1" },
		"FERNET_CHAT_HOST (--host): Cannot listen on 192.0.2.1:0 (EADDRNOTAVAIL). --host must be",
	],
	["server.ts", ["--host=999.1.1.1", "--port=6504"], {}, "--host: Cannot listen on 999.1.1.1:6504"],
	[
		"server.ts",
		["--host", "127.0.0.1:5050"],
		{ FERNET_CHAT_PORT: "0" },
		"--host: Cannot listen on [127.0.0.1:5050]:0",
	],
	[
		"server.ts",
		[],
		{ FERNET_CHAT_PORT: "TAKEN" },
		"FERNET_CHAT_PORT (--port): Port TAKEN on 127.0.0.1 is in use (EADDRINUSE). Choose another",
	],
	[
		"server.ts",
		["--port=0"],
		{ FERNET_CHAT_WEB: "TAKEN" },
		"FERNET_CHAT_WEB (--web): Port TAKEN on 127.0.0.1 is in use (EADDRINUSE). Choose another with --web.",
	],
	[
		"server.ts",
		["--port=TAKEN", "--web=0"],
		{},
		"--port: Port TAKEN on 127.0.0.1 is in use (EADDRINUSE). Choose another with --port.",
	],
	[
		"client.ts",
		[],
		{ ...LOGIN, FERNET_CHAT_KEYS: "FOLDER/file/k" },
		"FERNET_CHAT_KEYS (--keys): Cannot use the keys folder FOLDER/file/k: ENOTDIR",
	],
];

const filled = (text: string): string =>
	text.replaceAll("FOLDER", folder).replaceAll("TAKEN", `${takenPort}`);

test.each(REFUSALS)("%s %j %j", async (script, args, env, sentence) => {
	const filledEnv = Object.fromEntries(Object.entries(env).map(([name, it]) => [name, filled(it)]));
	const keys = { FERNET_CHAT_KEYS: join(folder, "keys") };
	await using program = new IN_PROCESS[script](args.map(filled), { ...keys, ...filledEnv });
	expect(await program.exit()).toBe(1);
	expect(program.err).toStartWith(filled(sentence));
	expect(program.err.trimEnd().split("\n")).toHaveLength(1);
	expect(program.out).toBe("");
});

const places: [flag: string, args: string[]][] = [
	["--port", ["--host=0.0.0.0", "--port=80"]],
	["--web", ["--host=0.0.0.0", "--port=0", "--web=80", "--web-origin=https://a.test"]],
];
test.each(places)(
	"the port of %s that needs rights is at fault, and not the address",
	async (flag, place) => {
		// In a network of its own even a container's root has no right to every port but by this one.
		const unshare = ["unshare", process.getuid?.() === 0 ? "-n" : "-rn"];
		const within = [...unshare, "setpriv", "--bounding-set=-net_bind_service"];
		const args = [...place, "--keys", join(folder, "keys")];
		await using program = new Program("server.ts", args, {}, within);
		expect(await program.exit()).toBe(1);
		expect(program.err).toBe(
			`${flag}: Cannot listen on 0.0.0.0:80 (EACCES). Ports below 1024 need rights that this user lacks. Choose another with ${flag}.\n`,
		);
	},
);

test("a client says why no server answers", async () => {
	const port = takenPort;
	await new Promise((resolve) => taken.close(resolve));
	const args = [`127.0.0.1:${port}`, "--keys", join(folder, "keys")];
	await using client = new Program("client.ts", args, LOGIN);
	expect(await client.exit()).toBe(3);
	expect(client.out).toContain(`No server answers at 127.0.0.1:${port} (ECONNREFUSED).`);
});
