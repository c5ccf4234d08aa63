import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, openSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runServer } from "../../../lib/server/run.ts";
import { systemClocks } from "../../../lib/util/clock.ts";
import { LOGIN_METHODS } from "../../../lib/wire/messages/login-methods.ts";
import { DEFAULTS } from "../../support/defaults.ts";
import { eventually } from "../../support/eventually.ts";
import { listen } from "../../support/listen.ts";

const folder = mkdtempSync(join(tmpdir(), "fernet-chat-run-"));
const taken = createServer();
let takenPort = 0;
beforeAll(async () => {
	takenPort = await listen(taken);
});
afterAll(() => {
	taken.close();
	rmSync(folder, { recursive: true });
});

/** Runs a room that mails codes until a SIGTERM, which comes at once. Returns the code of its error. */
async function run(port: number): Promise<unknown> {
	const smtp = { host: "127.0.0.1", port: 1, secure: false };
	const onSignal = (signal: string, stop: () => void) => signal === "SIGTERM" && setImmediate(stop);
	return runServer(
		{
			...{ host: "127.0.0.1", port, keys: join(folder, "keys"), state: join(folder, "state") },
			...{ tls: null, public: undefined, smtp, allow: {}, methods: LOGIN_METHODS },
			owners: new Set(),
			mailer: { server: smtp, user: "room@gmail.com", password: "abcdefghijklmnop" },
			...{ stay: true, limits: DEFAULTS, emailVisibility: "masked", log: "text" },
			...{ title: undefined, motd: undefined, history: 0, room: null, web: null },
		},
		{
			...{ print: () => {}, logDescriptor: openSync("/dev/null", "w"), clocks: systemClocks },
			...{ signals: { on: onSignal, once: onSignal }, hasTerminal: () => false },
			loadPage: () => Promise.reject(new Error("no page")),
		},
	).catch((error) => error.code);
}

test.each([
	["that is stopped", () => 0, undefined],
	["that cannot listen", () => takenPort, "port_in_use"],
])("a room %s leaves no mail worker behind", async (_, port, code) => {
	const events: string[] = [];
	process.once("worker", (worker) => {
		events.push("worker");
		worker.once("exit", () => events.push("exit"));
	});
	expect(await run(port())).toBe(code);
	await eventually("the worker's exit", () => events.length === 2);
});
