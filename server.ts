#!/bin/sh
//bin/sh -c :; exec bun --no-install --no-env-file --config=/dev/null --tsconfig-override=/dev/null "$0" "$@"
// For a shell, the line above starts Bun so that it obeys no file of the working folder. BusyBox has
// no `env -S`, which would be shorter.
import { serverOptions } from "./lib/options/server.ts";
import { describeError, type Sources } from "./lib/options/sources.ts";
import { assertWorkingFolder } from "./lib/options/working-folder.ts";
import { runServer } from "./lib/server/run.ts";
import { systemClocks } from "./lib/util/clock.ts";
import { ChatError } from "./lib/util/errors.ts";
import { unignoredSignals } from "./lib/util/signals.ts";
import { workingFolder } from "./lib/util/working-folder.ts";
import { selfTest } from "./lib/wire/crypto/self-test.ts";

const STDIN = 0;
const STDERR = 2;

let sources: Sources = {};

async function main(): Promise<number> {
	const { argv, execArgv, env: environment } = process;
	assertWorkingFolder({ cwd: workingFolder(), execArgv, main: Bun.main });
	const options = serverOptions(argv.slice(2), environment);
	if (typeof options === "string") {
		console.log(options);
		return 0;
	}
	({ sources } = options);
	selfTest();
	await runServer(options, {
		print: console.log,
		logDescriptor: STDERR,
		signals: unignoredSignals,
		// Loaded only when it is asked, with --tls: others start sooner.
		hasTerminal: () => process.getBuiltinModule("node:tty").isatty(STDIN),
		clocks: systemClocks,
		loadPage: async () => (await import("./lib/page/bundle.ts")).default,
	});
	return 0;
}

try {
	// Exit at once: the runtime would wait for logins that Gmail is still checking.
	process.exit(await main());
} catch (error) {
	if (!(error instanceof ChatError)) throw error;
	console.error(describeError(error, sources));
	process.exit(1);
}
