#!/usr/bin/env bun
import { isatty } from "node:tty";
import { type ServerOptions, serverHelp, serverOptions } from "./lib/options/server.ts";
import { Spool } from "./lib/server/log/line-writer.ts";
import { Journal } from "./lib/server/log/logger.ts";
import { nameOf } from "./lib/server/mail/smtp-server.ts";
import { serve } from "./lib/server/server.ts";
import { mustBePrivate } from "./lib/server/storage/state-dir.ts";
import { Certificate, ownCertificate } from "./lib/server/tls/certificate.ts";
import { invitation } from "./lib/server/tls/join-command.ts";
import { ChatError } from "./lib/util/errors.ts";
import { placeOf } from "./lib/util/host-port.ts";
import { asksMailbox } from "./lib/wire/credentials.ts";
import { selfTest } from "./lib/wire/fernet.ts";

const STDIN = 0;
const STDERR = 2;
/** Milliseconds that the last lines of the log may take, when somebody has to read them. */
const LAST_WORDS = 1000;

async function main(): Promise<void> {
	const options = serverOptions(process.argv.slice(2), process.env);
	if (options === null) return console.log(serverHelp);
	selfTest();
	mustBePrivate(options.state);
	const log = new Spool(STDERR);
	const journal = new Journal(options.log, (line) => log.push(line), Date.now);
	const certificate = await certificateOf(options, journal);
	const server = await serve({ ...options, certificate, journal });
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
		// Daemons read their files again at SIGHUP; to what runs on a terminal it says that this was closed.
		if (signal === "SIGHUP" && certificate && !isatty(STDIN))
			process.on(signal, () => certificate.reload());
		else process.once(signal, () => server.stop("server_stopped", "the server was stopped"));
	}
	const place = placeOf(server);
	const { mailbox, mailer, ways } = options;
	const asks = asksMailbox(ways) ? `, asks ${nameOf(mailbox)}` : "";
	const mails = mailer ? `, mails codes through ${nameOf(mailer.mailbox)}` : "";
	console.log(
		`fernet-chat listens on ${place}, keeps keys in ${server.keys}${asks}${mails}; ${server.guests}`,
	);
	if (certificate) console.log(`On other devices: ${invitation(server, certificate)}`);
	using _ = certificate?.watch();
	console.log(`The end: ${await server.ended}.`);
	await log.written(LAST_WORDS);
}

async function certificateOf(
	{ tls, state }: ServerOptions,
	journal: Journal,
): Promise<Certificate | undefined> {
	if (tls === null) return undefined;
	const files = tls === "own" ? await ownCertificate(state) : tls;
	return new Certificate(files, (entry) => journal.record(entry));
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
