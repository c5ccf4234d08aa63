#!/usr/bin/env bun
// How large the programs are in each way to get them, and how fast they start then:
// bun test/bench/installations.ts [CLIENT SERVER], where these two are executables.

import { mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import manifest from "../../package.json";
import { ROOT } from "../support/root.ts";
import { spread } from "./figures.ts";

const TIMES = 10;

type Command = readonly string[];

interface Way {
	readonly name: string;
	/** Bytes on the disk: of the programs, of the packages that they need, and of Bun. */
	readonly sizes: readonly [programs: number, packages: number, bun: number];
	readonly client: Command;
	readonly server: Command;
	/** Milliseconds of each start: to the end of `--help`, and to the line that it listens. */
	readonly starts: { readonly help: number[]; readonly server: number[] };
}

const folder = mkdtempSync(join(tmpdir(), "fernet-chat-installations-"));
const place = (name: string): string => {
	const path = join(folder, name);
	mkdirSync(path, { mode: 0o700 });
	return path;
};
const env = {
	PATH: process.env.PATH,
	HOME: place("home"),
	XDG_RUNTIME_DIR: place("runtime"),
	XDG_STATE_HOME: place("state"),
};
const elsewhere = place("elsewhere");

function run(cwd: string, ...command: string[]): void {
	const { success, stderr } = Bun.spawnSync(command, { cwd, env });
	if (!success) throw new Error(`${command.join(" ")}\n${stderr}`);
}

const sizeOf = (path: string): number =>
	Number.parseInt(String(Bun.spawnSync(["du", "-sb", path]).stdout), 10);
const BUN = statSync(process.execPath).size;

const way = (name: string, sizes: Way["sizes"], client: Command, server: Command): Way => ({
	...{ name, sizes, client, server },
	starts: { help: [], server: [] },
});

function clone(): Way {
	const path = join(folder, "clone");
	run(folder, "git", "clone", "-q", "--depth", "1", `file://${ROOT}`, path);
	const size = sizeOf(path);
	run(path, process.execPath, "install", "--production", "--frozen-lockfile");
	const script = (name: string): Command => [process.execPath, join(path, name)];
	const sizes = [size, sizeOf(path) - size, BUN] as const;
	return way("clone", sizes, script("client.ts"), script("server.ts"));
}

function packed(): Way[] {
	const path = place("package");
	run(ROOT, process.execPath, "pm", "pack", "--quiet", "--destination", path);
	const tarball = join(path, `${manifest.name}-${manifest.version}.tgz`);
	run(path, process.execPath, "add", tarball);
	const own = sizeOf(join(path, "node_modules", manifest.name));
	const sizes = [own, sizeOf(join(path, "node_modules")) - own, BUN] as const;
	const bin = (name: string): Command => [join(path, "node_modules", ".bin", name)];
	const bunx = (name: string): Command => ["bunx", "-p", tarball, name];
	const names = ["fernet-chat", "fernet-chat-server"] as const;
	return [
		way("package", sizes, bin(names[0]), bin(names[1])),
		way("by bunx, again", sizes, bunx(names[0]), bunx(names[1])),
	];
}

const executables = ([client, server]: string[]): Way[] =>
	client === undefined || server === undefined
		? []
		: [
				way(
					"executables",
					[statSync(client).size + statSync(server).size, 0, 0],
					[resolve(client)],
					[resolve(server)],
				),
			];

async function help({ client }: Way): Promise<number> {
	const began = performance.now();
	const program = Bun.spawn([...client, "--help"], { cwd: elsewhere, env, stderr: "ignore" });
	await program.stdout.text();
	return performance.now() - began;
}

async function server({ server }: Way): Promise<number> {
	const began = performance.now();
	const program = Bun.spawn([...server, "--port", "0"], { cwd: elsewhere, env, stderr: "ignore" });
	for await (const bytes of program.stdout) {
		if (Buffer.from(bytes).includes("listens on")) break;
	}
	const took = performance.now() - began;
	program.kill("SIGTERM");
	await program.exited;
	return took;
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
const median = (values: readonly number[]): string => spread(values).median.toFixed(0);

try {
	const ways = [clone(), ...packed(), ...executables(process.argv.slice(2))];
	// In turn, so that a busy moment of the machine is nobody's alone. The first start of each fetches.
	for (let i = 0; i <= TIMES; i++) {
		for (const each of ways) {
			const took = [await help(each), await server(each)] as const;
			if (i === 0) continue;
			each.starts.help.push(took[0]);
			each.starts.server.push(took[1]);
		}
	}
	console.log(
		`| way | programs, MB | packages, MB | Bun, MB | \`--help\`, ms | server's start, ms |`,
	);
	console.log("|---|--:|--:|--:|--:|--:|");
	for (const { name, sizes, starts } of ways) {
		const cells = [...sizes.map(megabytes), median(starts.help), median(starts.server)];
		console.log(`| ${name} | ${cells.join(" | ")} |`);
	}
} finally {
	rmSync(folder, { recursive: true });
}
