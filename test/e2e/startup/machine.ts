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
import { Program } from "../../support/programs.ts";
import { ROOT } from "../../support/root.ts";
import { readUnit } from "./unit.ts";

/** The commands of a page, below a heading. */
export function commandsOf(page: string, heading: string): string {
	const text = readFileSync(join(ROOT, page), "utf8");
	const [, section = ""] = text.split(`${heading}\n`);
	const [, commands] = /^```sh\n(.*?)^```/ms.exec(section) ?? [];
	if (commands === undefined) throw new Error(`no commands below ${heading} in ${page}`);
	return commands;
}

const RELEASED = ["lib", "keys", "server.ts", "package.json", "bun.lock", "bunfig.toml"];
export const UNIT = "lib/server/deploy/fernet-chat.service";

export function run(cwd: string, command: string[], env: Record<string, string> = {}): string {
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
export class Machine implements Disposable {
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
		cpSync(join(this.installed, UNIT), join(this.units, "fernet-chat.service"));
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

	/** Starts what the installed unit says, as systemd does. */
	async start(port: number, trust: Record<string, string>, flags: string[]): Promise<Program> {
		const { flags: own, environment } = readUnit(
			readFileSync(join(this.units, "fernet-chat.service"), "utf8"),
		);
		const env = { ...environment(join(this.root, "run"), join(this.root, "state")), ...trust };
		const place = ["--host", "127.0.0.1", "--port", String(port), ...flags];
		const there = 'cd "$0" && bun=$1 && shift 2 && exec "$bun" server.ts "$@"';
		const within = ["sh", "-c", there, this.installed];
		const server = new Program("server.ts", [...own, ...place], env, within);
		await server.waitForOutput("listens on");
		return server;
	}

	/** The keys folder of its server. */
	get keys(): string {
		return join(this.root, "run", "fernet-chat");
	}

	/** The version that is installed. */
	get version(): string {
		return run(this.installed, [process.execPath, "server.ts", "--version"]).trim();
	}

	[Symbol.dispose](): void {
		rmSync(this.root, { recursive: true });
	}
}
