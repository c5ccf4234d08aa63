import { afterAll, expect, test } from "bun:test";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "../../support/eventually.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Bot, Program, Stage } from "../../support/programs.ts";
import { ROOT } from "../../support/root.ts";
import { Shell } from "../../support/shell.ts";
import { Screen } from "../../support/terminal.ts";

// A signal that a program was started to ignore does not end it, whoever else sends one.

const stage = await Stage.open();
const folder = await mkdtemp(join(tmpdir(), "fernet-chat-ignored-"));
afterAll(async () => {
	await stage[Symbol.asyncDispose]();
	await rm(folder, { recursive: true });
});

/** Runs a program as `trap '' SIGNALS` does in a shell. */
const ignoring = (signals: string): string[] => ["sh", "-c", `trap '' ${signals}; exec "$0" "$@"`];
/** As in a script that ends while its server runs on: its output tells its process id. */
const IN_BACKGROUND = ["sh", "-c", '"$0" "$@" & echo "pid=$!"; wait'];

let rooms = 0;
const room = (): string[] => ["--port", "0", "--keys", join(folder, String(++rooms)), "--stay"];
const who = (name: string): string[] => ["--name", name, "--email", `${name}@gmail.com`];
const secret = { FERNET_CHAT_PASSWORD: PASSWORD };

/** Logs in to a server that has no mailbox: its answer shows that it runs. */
async function expectServing(printed: string, [, , , keys = ""]: string[]): Promise<void> {
	const port = /listens on \S+:(\d+)/.exec(printed)?.[1];
	const args = [`127.0.0.1:${port}`, "--keys", keys, ...who("ann")];
	await using bot = Bot.local(args, secret);
	await bot.exit();
	expect(bot.lines.at(-1)?.type).toBe("denied");
}

test.each([
	["SIGHUP, by nohup", ["nohup"], "SIGHUP"],
	["SIGHUP and SIGINT", ignoring("HUP INT"), "SIGINT"],
	["SIGINT, in the background of a script", IN_BACKGROUND, "SIGINT"],
] as const)(
	"a server that ignores %s serves on, and SIGTERM ends it",
	async (_, within, signal) => {
		const args = [...room(), "--smtp", "smtp://127.0.0.1:1"];
		await using server = new Program("server.ts", args, {}, [...within]);
		await server.waitForOutput("listens on");
		const pid = Number(/pid=(\d+)/.exec(server.out)?.[1] ?? server.pid);
		process.kill(pid, signal);
		await expectServing(server.out, args);
		process.kill(pid, "SIGTERM");
		expect(await server.exit()).toBe(0);
		expect(server.out).toContain("The server was stopped.");
	},
);

test("with --tls, SIGHUP that is ignored neither ends the server nor reads the certificate", async () => {
	const state = ["--tls", "--state", join(folder, "state")];
	await using server = new Program("server.ts", [...room(), ...state], {}, ["nohup"]);
	await server.waitForOutput("On other devices");
	server.kill("SIGHUP");
	server.kill("SIGTERM");
	expect(await server.exit()).toBe(0);
	expect(server.err).not.toContain(" certificate");
});

test.each([
	["a bot", ["--json"]],
	["plain lines", ["--plain"]],
])("%s: what is ignored changes nothing, SIGTERM ends it", async (_, flags) => {
	const args = stage.clientArgs(...who(flags[0]?.slice(2) ?? ""), ...flags);
	const within = ignoring("HUP INT");
	await using client = new Program("client.ts", args, secret, within);
	await client.waitForOutput(/"welcome"|You are/);
	client.kill("SIGHUP");
	client.kill("SIGINT");
	client.write(flags[0] === "--json" ? '{"type":"say","text":"still here"}\n' : "still here\n");
	await client.waitForOutput(/"said".*still here|plain: still here/);
	client.kill("SIGTERM");
	expect(await client.exit()).toBe(0);
});

test("at a terminal: a signal that is ignored changes nothing, the terminal's end does", async () => {
	const args = stage.clientArgs(...who("dora"));
	await using screen = new Screen("client.ts", args, { env: secret, within: ignoring("HUP") });
	await screen.waitForText("You are dora");
	screen.kill("SIGHUP");
	screen.type("still here\r");
	await screen.waitForText(/dora.*still here/);
	screen.hangUp();
	expect(await screen.exit()).toBe(0);
	await eventually("no key of hers", async () => (await stage.keyFiles()).length === 0);
});

test("a server whose terminal is closed serves on", async () => {
	const args = [...room(), "--smtp", "smtp://127.0.0.1:1"];
	await using screen = new Screen("server.ts", args, { cols: 200, within: ignoring("HUP") });
	await screen.waitForText("listens on");
	screen.hangUp();
	// The second one comes when the log could not be written.
	for (const _ of [1, 2]) await expectServing(screen.text, args);
	screen.kill("SIGTERM");
	expect(await screen.exit()).toBe(0);
});

test("a bot that is started as its page says stays when its terminal is closed", async () => {
	const page = await readFile(join(ROOT, "lib/client/README.md"), "utf8");
	const [, commands = ""] = /^(mkfifo[^`]*)\n```$/m.exec(page) ?? [];
	const [, leave = ""] = /^`(echo .* > in)` ends it/m.exec(page) ?? [];
	const client = [process.execPath, join(ROOT, "client.ts"), ...stage.clientArgs()].join(" ");
	const printed = () => readFile(join(folder, "out"), "utf8").catch(() => "");
	const says = (text: RegExp) =>
		eventually(`printed: ${text}`, async () => text.test(await printed()));
	{
		await using shell = await Shell.open(secret);
		shell.type(`cd ${folder}\r${commands.replace("bun client.ts", client)}\r`);
		await says(/"welcome"/);
	}
	await using ann = Bot.local(stage.clientArgs(...who("ann")), secret);
	await ann.waitFor({ type: "welcome" });
	ann.say("still here?");
	await says(/"said".*still here\?/);
	expect(Bun.spawnSync(["sh", "-c", leave], { cwd: folder, timeout: 8000 }).exitCode).toBe(0);
	await says(/"closed"/);
});
