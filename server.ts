#!/usr/bin/env bun
import { serverHelp, serverOptions } from "./lib/options.ts";
import { Journal } from "./lib/server/journal.ts";
import { nameOf } from "./lib/server/mailbox.ts";
import { serve } from "./lib/server/serve.ts";
import { Spool } from "./lib/server/spool.ts";
import { ChatError } from "./lib/wire/errors.ts";
import { selfTest } from "./lib/wire/fernet.ts";
import { placeOf } from "./lib/wire/place.ts";

const STDERR = 2;
/** Milliseconds that the last lines of the log may take, when somebody has to read them. */
const LAST_WORDS = 1000;

async function main(): Promise<void> {
	const options = serverOptions(process.argv.slice(2), process.env);
	if (options === null) return console.log(serverHelp);
	selfTest();
	const log = new Spool(STDERR);
	const journal = new Journal(options.log, (line) => log.push(line), Date.now);
	const server = await serve({ ...options, journal });
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
		process.once(signal, () => server.stop("server_stopped", "the server was stopped"));
	}
	const place = placeOf(server);
	console.log(
		`fernet-chat listens on ${place}, keeps keys in ${server.keys}, asks ${nameOf(options.mailbox)}`,
	);
	console.log(`The end: ${await server.ended}.`);
	await log.written(LAST_WORDS);
}

try {
	await main();
	// A login that Gmail is still being asked about has nobody left to be told.
	process.exit();
} catch (error) {
	if (!(error instanceof ChatError)) throw error;
	console.error(error.message);
	process.exit(1);
}
