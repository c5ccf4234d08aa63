#!/usr/bin/env bun
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { errorMessage } from "../util/errors.ts";

// `bun run build [TARGET…]` makes each program one file that needs neither Bun nor anything else.
// It lives in lib and not at the top, where only the programs and what tools demand may be.

const ROOT = join(import.meta.dir, "..", "..");

/** As Bun calls them, after `bun-`. README.md here says which of them are tried. */
const TARGETS = [
	...["linux-x64", "linux-arm64", "linux-x64-musl", "linux-arm64-musl"],
	...["darwin-x64", "darwin-arm64"],
] as Target[];
type Target = Bun.Build.CompileTarget extends `bun-${infer Name}` ? Name : never;

const PROGRAMS = [
	{ name: "fernet-chat", entries: ["client.ts"] },
	// A worker is found only if it is an entry of its own, beside the first.
	{ name: "fernet-chat-server", entries: ["server.ts", "lib/server/mail/mail-worker.ts"] },
];

const fileName = (program: string, target: Target): string => `${program}-${target}`;

/** Makes one executable. Throws if Bun cannot get its own runtime for the target, for instance. */
async function compile(entries: readonly string[], target: Target, outfile: string): Promise<void> {
	const { success, logs } = await Bun.build({
		entrypoints: entries.map((entry) => join(ROOT, entry)),
		naming: { entry: "[name].[ext]" },
		// Without it, browsers would load a third more.
		minify: true,
		// Halves the time to start, for 3 to 5 MB.
		bytecode: true,
		format: "esm",
		throw: false,
		compile: {
			target: `bun-${target}` as Bun.Build.CompileTarget,
			outfile,
			// A working folder may come from anybody: the executable obeys nothing in it.
			autoloadDotenv: false,
			autoloadBunfig: false,
			autoloadTsconfig: false,
			autoloadPackageJson: false,
		},
	});
	if (!success) throw new Error(logs.map(({ message }) => message).join(" "));
}

/**
 * Makes both programs for one target, or neither; returns their lines for `sha256sum --check`.
 * Throws what `compile` throws.
 */
async function buildTarget(target: Target, folder: string): Promise<string> {
	const made: string[] = [];
	try {
		let lines = "";
		for (const { name, entries } of PROGRAMS) {
			const path = join(folder, fileName(name, target));
			made.push(path);
			await compile(entries, target, path);
			const bytes = await readFile(path);
			console.log(`${relative(process.cwd(), path)}: ${Math.round(bytes.length / 1e6)} MB.`);
			lines += `${Bun.SHA256.hash(bytes, "hex")}  ${fileName(name, target)}\n`;
		}
		return lines;
	} catch (cause) {
		for (const path of made) await rm(path, { force: true });
		throw cause;
	}
}

function assertTarget(name: string): asserts name is Target {
	if (!TARGETS.includes(name as Target)) {
		console.error(`There is no target ${JSON.stringify(name)}. There are ${TARGETS.join(", ")}.`);
		process.exit(1);
	}
}

const { values, positionals } = parseArgs({
	options: { outdir: { type: "string", default: join(ROOT, "dist") } },
	allowPositionals: true,
});
const targets = positionals.map((name) => {
	assertTarget(name);
	return name;
});
const { outdir: folder } = values;
await mkdir(folder, { recursive: true });
// What an earlier run made would have no checksum.
const earlier = PROGRAMS.flatMap(({ name }) => TARGETS.map((target) => fileName(name, target)));
for (const name of [...earlier, "SHA256SUMS"]) await rm(join(folder, name), { force: true });

let sums = "";
const failed: string[] = [];
for (const target of targets.length === 0 ? TARGETS : targets) {
	try {
		sums += await buildTarget(target, folder);
	} catch (cause) {
		failed.push(target);
		console.error(`Nothing was made for ${target}: ${errorMessage(cause)}`);
	}
}
await writeFile(join(folder, "SHA256SUMS"), sums);
if (failed.length > 0) {
	console.error(`Not built: ${failed.join(", ")}. Bun fetches the runtime of a target from npm.`);
	process.exit(1);
}
