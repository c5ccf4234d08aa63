import { expect, test } from "bun:test";
import {
	chmodSync,
	cpSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openMailbox, PASSWORD } from "../../support/mailbox.ts";
import { Bot, Program } from "../../support/programs.ts";
import { quietPort } from "../../support/quiet-port.ts";
import { ROOT } from "../../support/root.ts";
import { readUnit } from "./unit.ts";

// The commands with which the server's page upgrades a service. Everything is as it says but for root,
// for the folders, and for systemd, in whose place the test stops and starts what the unit says.

const [, commands = ""] =
	/^### Upgrade\n\n```sh\n(.*?)^```/ms.exec(
		readFileSync(join(ROOT, "lib/server/README.md"), "utf8"),
	) ?? [];
const RELEASED = ["lib", "keys", "server.ts", "package.json", "bun.lock", "bunfig.toml"];
const UNIT = "test/fixtures/fernet-chat.service";

function run(cwd: string, command: string[], env: Record<string, string> = {}): string {
	const { success, stdout, stderr } = Bun.spawnSync(command, {
		cwd,
		env: { ...process.env, ...env },
	});
	if (!success) throw new Error(`${command.join(" ")}: ${stdout}${stderr}`);
	return stdout.toString();
}

const git = (cwd: string, ...args: string[]): string =>
	run(cwd, ["git", "-c", "user.name=ann", "-c", "user.email=ann@gmail.com", ...args]);

/** The folders of the machine, below one of ours, and its programs that take root. */
class Machine implements Disposable {
	readonly root = mkdtempSync(join(tmpdir(), "fernet-chat-upgrade-"));
	readonly origin = join(this.root, "origin");
	readonly installed = join(this.root, "opt");
	readonly units = join(this.root, "units");
	readonly #bin = join(this.root, "bin");
	readonly #asked = join(this.root, "asked");

	constructor() {
		for (const folder of [this.#bin, this.units]) mkdirSync(folder);
		this.#program("sudo", 'exec "$@"');
		this.#program("systemctl", `echo "$@" >>'${this.#asked}'`);
		this.#program("bun", `exec '${process.execPath}' "$@"`);
		for (const path of [...RELEASED, UNIT]) {
			cpSync(join(ROOT, path), join(this.origin, path), { recursive: true });
		}
		git(this.origin, "init", "-q");
		this.release("1.0.0");
		git(this.root, "clone", "-q", this.origin, this.installed);
	}

	#program(name: string, script: string): void {
		const path = join(this.#bin, name);
		writeFileSync(path, `#!/bin/sh\n${script}\n`);
		chmodSync(path, 0o755);
	}

	/** A new version of fernet-chat. */
	release(version: string): void {
		const manifest = join(this.origin, "package.json");
		const text = readFileSync(manifest, "utf8");
		writeFileSync(manifest, text.replace(/"version": "[^"]+"/, `"version": "${version}"`));
		git(this.origin, "add", ".");
		git(this.origin, "commit", "-q", "--allow-empty", "-m", version);
	}

	/** Types commands of the page; returns what systemd was asked for. */
	type(typed: string): string[] {
		const here = typed
			.replaceAll("/opt/fernet-chat", `'${this.installed}'`)
			.replaceAll("/etc/systemd/system/", `'${this.units}/'`);
		run(this.root, ["sh", "-ec", here], { PATH: `${this.#bin}:${process.env.PATH}` });
		return readFileSync(this.#asked, "utf8").trimEnd().split("\n");
	}

	[Symbol.dispose](): void {
		rmSync(this.root, { recursive: true });
	}
}

test("an upgrade by the page's commands does not end the conversation", async () => {
	using machine = new Machine();
	await using mailbox = await openMailbox();
	const { root, installed, units } = machine;
	const port = String(quietPort());
	/** Starts what the installed unit says, as systemd does. */
	const start = async (): Promise<Program> => {
		const { flags, environment } = readUnit(
			readFileSync(join(units, "fernet-chat.service"), "utf8"),
		);
		const env = { ...environment(join(root, "run"), join(root, "state")), ...mailbox.trust };
		const place = ["--host", "127.0.0.1", "--port", port, "--smtp", mailbox.url];
		const there = 'cd "$0" && bun=$1 && shift 2 && exec "$bun" server.ts "$@"';
		const within = ["sh", "-c", there, installed];
		const server = new Program("server.ts", [...flags, ...place], env, within);
		await server.waitForOutput("listens on");
		return server;
	};
	cpSync(join(installed, UNIT), join(units, "fernet-chat.service"));
	await using before = await start();
	const keys = join(root, "run", "fernet-chat");
	const who = ["--name", "ann", "--email", "ann@gmail.com"];
	const env = { FERNET_CHAT_PASSWORD: PASSWORD };
	await using ann = Bot.local([`127.0.0.1:${port}`, "--keys", keys, ...who], env);
	await ann.waitFor({ type: "welcome" });
	ann.say("before the upgrade");
	await ann.waitFor({ type: "said" });

	machine.release("1.0.1");
	expect(machine.type(commands)).toEqual(["daemon-reload", "restart fernet-chat"]);
	expect(run(installed, [process.execPath, "server.ts", "--version"])).toContain("1.0.1");
	before.kill("SIGTERM");
	expect(await before.exit()).toBe(0);
	await using after = await start();
	await ann.waitFor({ type: "online", lost: 0 });
	ann.say("after the upgrade");
	expect(await ann.waitFor({ type: "said", text: "after the upgrade" })).toMatchObject({ seq: 3 });
	expect(mailbox.logins).toEqual(["ann@gmail.com"]);
	after.kill("SIGTERM");
	expect(await after.exit()).toBe(0);
}, 60_000);
