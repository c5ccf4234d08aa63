#!/bin/sh
//bin/sh -c :; exec bun --no-install --no-env-file --config=/dev/null --tsconfig-override=/dev/null "$0" "$@"
// For a shell, the line above starts Bun so that it obeys no file of the working folder. BusyBox has
// no `env -S`, which would be shorter.
import { runClient } from "./lib/client/client.ts";
import { clientOptions } from "./lib/options/client.ts";
import { describeError, type Sources } from "./lib/options/sources.ts";
import { assertWorkingFolder } from "./lib/options/working-folder.ts";
import { ChatError } from "./lib/util/errors.ts";
import { unignoredSignals } from "./lib/util/signals.ts";
import { workingFolder } from "./lib/util/working-folder.ts";
import { selfTest } from "./lib/wire/crypto/self-test.ts";

const { stdin: input, stdout: output, env: environment } = process;
const end = new AbortController();
// The terminal was closed, or the reader of our output has gone, as `| head` does.
for (const stream of [input, output]) stream.on("error", () => end.abort());

let sources: Sources = {};

async function main(): Promise<number> {
	const { argv, execArgv } = process;
	assertWorkingFolder({ cwd: workingFolder(), execArgv, main: Bun.main });
	const terminal = { canAsk: input.isTTY, canDraw: output.isTTY };
	const options = clientOptions(argv.slice(2), environment, terminal);
	if (typeof options === "string") {
		console.log(options);
		return 0;
	}
	({ sources } = options);
	selfTest();
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
		unignoredSignals.on(signal, () => end.abort());
	const atExit = (action: () => void): void => void process.once("exit", action);
	const { signal } = end;
	const loadPage = async () => (await import("./lib/page/bundle.ts")).default;
	return runClient(options, {
		...{ input, output, environment, signal, signals: process, atExit, loadPage },
	});
}

/** Handles a bug of ours: restores the terminal first, and then prints the error on it. */
function fail(error: unknown): void {
	process.once("exit", () => console.error(`fernet-chat failed, which is a bug: ${error}`));
	process.exit(4);
}

process.on("uncaughtException", fail);
process.on("unhandledRejection", fail);

async function exit(code: number): Promise<never> {
	await new Promise<void>((resolve) => {
		// A reader that has gone takes nothing more.
		output.on("error", () => resolve());
		output.end(() => resolve());
	});
	process.exit(code);
}

try {
	await exit(await main());
} catch (error) {
	if (!(error instanceof ChatError)) throw error;
	console.error(describeError(error, sources));
	await exit(1);
}
