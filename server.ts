#!/usr/bin/env bun
import { type ServerOptions, serverHelp, serverOptions } from "./lib/options.ts";
import { Certificate, ownCertificate } from "./lib/server/certificate.ts";
import { addressOf } from "./lib/server/invitation.ts";
import { nameOf } from "./lib/server/mailbox.ts";
import { serve } from "./lib/server/serve.ts";
import { ChatError } from "./lib/wire/errors.ts";
import { selfTest } from "./lib/wire/fernet.ts";
import { placeOf } from "./lib/wire/place.ts";

const warn = (sentence: string): void => console.error(sentence);

async function main(): Promise<void> {
	const options = serverOptions(process.argv.slice(2), process.env);
	if (options === null) return console.log(serverHelp);
	selfTest();
	const certificate = await certificateOf(options);
	const server = await serve({ ...options, certificate, warn });
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
		// Daemons read their files again at SIGHUP; what has none ends with its terminal.
		if (signal === "SIGHUP" && certificate) process.on(signal, () => certificate.reload());
		else process.once(signal, () => server.stop("server_stopped", "the server was stopped"));
	}
	console.log(
		`fernet-chat listens on ${placeOf(server)}, keeps keys in ${server.keys}, asks ${nameOf(options.mailbox)}`,
	);
	if (certificate) console.log(`On other devices: bun client.ts ${addressOf(server, certificate)}`);
	using _ = certificate?.watch();
	console.log(`The end: ${await server.ended}.`);
}

async function certificateOf({ tls, state }: ServerOptions): Promise<Certificate | undefined> {
	if (tls === null) return undefined;
	return new Certificate(tls === "own" ? await ownCertificate(state) : tls, warn);
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
