import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clientFlags } from "../../../lib/options/client-flags.ts";
import { flagName } from "../../../lib/options/flags.ts";
import { variableName } from "../../../lib/options/variables.ts";
import { eventually } from "../../support/eventually.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import type { Stage } from "../../support/programs.ts";
import { ROOT } from "../../support/root.ts";
import { openOnQuietPort, startAgain, stop } from "../reconnect/restarted.ts";

// The systemd unit for a bot: its command line is run as systemd would, and its exit codes are those
// by which systemd decides whether to start it again.

const unit = await Bun.file(join(ROOT, "lib/client/deploy/fernet-chat-bot.service")).text();
const page = await Bun.file(join(ROOT, "lib/client/README.md")).text();

/** All values that the unit sets for a name. */
const given = (name: string): string[] =>
	[...unit.matchAll(new RegExp(`^${name}=(.*)$`, "gm"))].map(([, value = ""]) => value);

/** Says hello to whoever joins. */
const BOT = `#!/bin/sh
while read -r line; do
	case $line in *'"type":"joined"'*) echo '{"type":"say","text":"Hello!"}';; esac
done
`;

let stage: Stage;
let runtime: string;
beforeAll(async () => {
	stage = await openOnQuietPort();
	runtime = await mkdtemp(join(tmpdir(), "fernet-chat-bot-"));
	await writeFile(join(runtime, "my-bot"), BOT);
	await chmod(join(runtime, "my-bot"), 0o755);
});
afterAll(async () => {
	await stage[Symbol.asyncDispose]();
	await rm(runtime, { recursive: true });
});

/** What systemd makes of a command line of the unit. */
function command(line: string): string[] {
	const words = line.replaceAll("%t", runtime).match(/'[^']*'|\S+/g) ?? [];
	return words.map((word) => word.replace(/^'(.*)'$/, "$1").replaceAll("$$", "$"));
}

/** Starts the unit's program, and resolves when it runs. */
async function start(more: Record<string, string> = {}, place = `127.0.0.1:${stage.port}`) {
	const [folder = ""] = given("RuntimeDirectory");
	await rm(join(runtime, folder), { recursive: true, force: true });
	await mkdir(join(runtime, folder), { mode: 0o700 });
	const env = {
		...{ PATH: process.env.PATH, HOME: runtime, BOT: join(runtime, "my-bot") },
		...{ FERNET_CHAT_KEYS: stage.keys, FERNET_CHAT_NAME: "robot" },
		...{ FERNET_CHAT_EMAIL: "robot@gmail.com", FERNET_CHAT_PASSWORD: PASSWORD },
		...more,
	};
	const lines = [...given("ExecStartPre"), ...given("ExecStart")].map(command);
	const [before = [], [bash = "", ...rest] = []] = lines;
	expect(await Bun.spawn(before, { env, cwd: ROOT }).exited).toBe(0);
	// The unit's room is at the default address, which a test must not take.
	const args = rest.map((word) => word.replace("client.ts", `client.ts ${place}`));
	return Bun.spawn([bash, ...args], {
		...{ env, cwd: ROOT, detached: true },
		stdio: ["ignore", "pipe", "pipe"],
	});
}

/** Waits until the bot is in the room, and knows it: the others hear of it a moment earlier. */
async function waitForHello(guest: string): Promise<void> {
	const bot = await stage.member(guest);
	await bot.waitFor({ type: "said", from: "robot", text: "Hello!" });
	bot.endInput();
	await bot.exit();
}

/** Whether systemd starts the bot again after this exit code. */
const isRestarted = (code: number): boolean =>
	given("Restart").join() === "on-failure" &&
	code !== 0 &&
	!given("RestartPreventExitStatus").join().split(" ").includes(String(code));

test("the bot talks, comes back to a server that was started again, and ends with it at SIGTERM", async () => {
	const ann = await stage.member("ann");
	const robot = await start();
	try {
		await ann.waitFor({ type: "joined", name: "robot" });
		await waitForHello("zoe");
		await stop(stage);
		await startAgain(stage);
		await eventually("both are in again", () => stage.logins.length === 5);
		const ben = await stage.member("ben");
		await ben.waitFor({ type: "said", from: "robot", text: "Hello!" });
	} finally {
		// As systemd does: to every process of the unit.
		process.kill(-robot.pid, "SIGTERM");
	}
	await robot.exited;
	await eventually("its key is gone", async () => (await stage.keyFiles()).length === 2);
});

describe("exit codes", () => {
	const wrong = { FERNET_CHAT_PASSWORD: "wrongwrongwrongw" };
	const ends: [what: string, code: number, again: boolean, more: Record<string, string>][] = [
		["a name is missing", 1, false, { FERNET_CHAT_NAME: "" }],
		["a wrong password", 2, false, wrong],
		["no server", 3, true, {}],
	];
	test.each(ends)("%s: %i", async (what, code, again, more) => {
		const robot = await start(more, what === "no server" ? "127.0.0.1:1" : undefined);
		expect(await robot.exited).toBe(code);
		expect(isRestarted(code)).toBe(again);
	});

	test("a server that was gone for too long: 5", async () => {
		const ann = await stage.member("ann");
		const robot = await start({ FERNET_CHAT_PATIENCE: "1" });
		await ann.waitFor({ type: "joined", name: "robot" });
		await waitForHello("zoe");
		await stop(stage, "SIGKILL");
		expect(await robot.exited).toBe(5);
		expect([0, 5].map(isRestarted)).toEqual([false, true]);
		await startAgain(stage);
		ann.endInput();
		await ann.exit();
	});
});

test("the unit's variables are flags of the client, and its page names what it needs", () => {
	const flags = Object.keys(clientFlags).map((option) => variableName(flagName(option)));
	const known = new Set([...flags, "FERNET_CHAT_PASSWORD"]);
	for (const name of unit.match(/FERNET_CHAT_\w+/g) ?? []) expect(known).toContain(name);
	expect(page).toContain("lib/client/deploy/fernet-chat-bot.service /etc/systemd/system/");
	for (const line of ["Restart=on-failure", "RestartPreventExitStatus=1 2"]) {
		expect(page).toContain(line);
		expect(unit.split("\n")).toContain(line);
	}
	for (const file of given("EnvironmentFile")) expect(page).toContain(file);
});
