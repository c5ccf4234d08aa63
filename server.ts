#!/usr/bin/env bun
import { serverHelp, serverOptions } from "./lib/options.ts";
import { nameOf } from "./lib/server/mailbox.ts";
import { serve } from "./lib/server/serve.ts";
import { ChatError } from "./lib/wire/errors.ts";
import { selfTest } from "./lib/wire/fernet.ts";
import { placeOf } from "./lib/wire/place.ts";

async function main(): Promise<void> {
	const options = serverOptions(process.argv.slice(2), process.env);
	if (options === null) return console.log(serverHelp);
	selfTest();
	const server = await serve({ ...options, warn: (sentence) => console.error(sentence) });
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
		process.once(signal, () => server.stop("server_stopped", "the server was stopped"));
	}
	const place = placeOf(server);
	const { mailbox, mailer, ways } = options;
	const asks = ways.some((way) => way !== "code") ? `, asks ${nameOf(mailbox)}` : "";
	const mails = mailer ? `, mails codes through ${nameOf(mailer.mailbox)}` : "";
	console.log(
		`fernet-chat listens on ${place}, keeps keys in ${server.keys}${asks}${mails}; ${server.guests}`,
	);
	console.log(`The end: ${await server.ended}.`);
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
