#!/usr/bin/env bun
import { isatty } from "node:tty";
import { type ServerOptions, serverHelp, serverOptions } from "./lib/options/server.ts";
import { LineWriter } from "./lib/server/log/line-writer.ts";
import { Logger } from "./lib/server/log/logger.ts";
import { formatSmtpUrl } from "./lib/server/mail/smtp-server.ts";
import { Server } from "./lib/server/server.ts";
import { assertPrivate } from "./lib/server/storage/state-dir.ts";
import { Certificate, selfSignedFiles } from "./lib/server/tls/certificate.ts";
import { joinCommand } from "./lib/server/tls/join-command.ts";
import { ChatError } from "./lib/util/errors.ts";
import { formatHostPort } from "./lib/util/host-port.ts";
import { needsVerifier } from "./lib/wire/credentials.ts";
import { selfTest } from "./lib/wire/fernet.ts";

const STDIN = 0;
const STDERR = 2;
/** Milliseconds that the last lines of the log may take, when somebody has to read them. */
const LAST_WORDS = 1000;

async function main(): Promise<void> {
	const options = serverOptions(process.argv.slice(2), process.env);
	if (options === null) return console.log(serverHelp);
	selfTest();
	assertPrivate(options.state);
	const log = new LineWriter(STDERR);
	const logger = new Logger(options.log, (line) => log.write(line), Date.now);
	const certificate = await certificateOf(options, logger);
	const server = await Server.open({ ...options, certificate, logger });
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
		// Daemons read their files again at SIGHUP; to what runs on a terminal it says that this was closed.
		if (signal === "SIGHUP" && certificate && !isatty(STDIN))
			process.on(signal, () => certificate.reload());
		else process.once(signal, () => server.stop("server_stopped", "the server was stopped"));
	}
	const place = formatHostPort(server);
	const { smtp, mailer, methods } = options;
	const asks = needsVerifier(methods) ? `, asks ${formatSmtpUrl(smtp)}` : "";
	const mails = mailer ? `, mails codes through ${formatSmtpUrl(mailer.server)}` : "";
	console.log(
		`fernet-chat listens on ${place}, keeps keys in ${server.keys}${asks}${mails}; ${server.guests}`,
	);
	if (certificate) console.log(`On other devices: ${joinCommand(server, certificate)}`);
	using _ = certificate?.watch();
	console.log(`The end: ${await server.ended}.`);
	await log.flush(LAST_WORDS);
}

async function certificateOf(
	{ tls, state }: ServerOptions,
	logger: Logger,
): Promise<Certificate | undefined> {
	if (tls === null) return undefined;
	const files = tls === "own" ? await selfSignedFiles(state) : tls;
	return new Certificate(files, (entry) => logger.log(entry));
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
