#!/usr/bin/env bun
import { isatty } from "node:tty";
import { serverOptions } from "./lib/options/server.ts";
import { describeError, type Sources } from "./lib/options/sources.ts";
import { runServer } from "./lib/server/run.ts";
import { systemClocks } from "./lib/util/clock.ts";
import { ChatError } from "./lib/util/errors.ts";
import { unignoredSignals } from "./lib/util/signals.ts";
import { selfTest } from "./lib/wire/crypto/self-test.ts";

const STDIN = 0;
const STDERR = 2;

let sources: Sources = {};

async function main(): Promise<number> {
	const options = serverOptions(process.argv.slice(2), process.env);
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
		hasTerminal: isatty(STDIN),
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
