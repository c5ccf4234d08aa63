import type { Clocks } from "../util/clock.ts";
import type { Endpoint } from "../util/endpoint.ts";
import { formatHostPort, isLoopback } from "../util/host-port.ts";
import type { Signals } from "../util/signals.ts";
import { needsVerifier } from "../wire/messages/login-methods.ts";
import { fitOpenFiles, maxOpenFiles } from "./limits/open-files.ts";
import { LineWriter } from "./log/line-writer.ts";
import { type LogFormat, Logger } from "./log/logger.ts";
import type { CodeMailer } from "./mail/code-mailer.ts";
import type { CodeMailerOptions } from "./mail/mail-job.ts";
import { formatSmtpUrl } from "./mail/smtp-server.ts";
import { formatRedisUrl } from "./redis/redis-address.ts";
import { Server } from "./server.ts";
import type { RoomPlace, ServerOptions } from "./server-options.ts";
import { assertPrivate } from "./storage/state-dir.ts";
import type { Certificate, CertificateFiles } from "./tls/certificate.ts";
import { isInvitedTo, joinCommand } from "./tls/join-command.ts";
import type { WebOptions } from "./web/web-options.ts";

export interface RunOptions
	extends Omit<ServerOptions, "certificate" | "clocks" | "fullCode" | "logger" | "mailer" | "web"> {
	/** The certificate for TLS, the operator's or our own; null for no TLS. */
	readonly tls: CertificateFiles | "own" | null;
	/** The page for browsers; null for none. */
	readonly web: Omit<WebOptions, "loadPage"> | null;
	/** The servers of the room as members on other devices reach them; undefined for this one alone. */
	readonly public: readonly Endpoint[] | undefined;
	readonly log: LogFormat;
	/** The account that codes are mailed from; null if `code` is not among the methods. */
	readonly mailer: CodeMailerOptions | null;
}

/** The process around the server. */
interface Runtime {
	/** Prints a line for the operator. */
	readonly print: (line: string) => void;
	/** The file descriptor that the log goes to. */
	readonly logDescriptor: number;
	readonly signals: Signals;
	/** Whether the server runs on a terminal, which can be closed. */
	readonly hasTerminal: () => boolean;
	readonly clocks: Clocks;
	/** The page for browsers, loaded only if it is served. */
	readonly loadPage: WebOptions["loadPage"];
}

/** Milliseconds that a slow reader has to take the last lines of the log. */
const FLUSH_TIMEOUT = 1000;

/** Opens the room and resolves when it has ended. Throws ChatError if it cannot open. */
export async function runServer(options: RunOptions, runtime: Runtime): Promise<void> {
	assertPrivate(options.state);
	const log = new LineWriter(runtime.logDescriptor);
	const logger = new Logger(options.log, (line) => log.write(line), runtime.clocks);
	const warn = (text: string, ip?: string): void => logger.log({ event: "warning", ip, text });
	const fitted = fitOpenFiles(options.limits, maxOpenFiles(), options.web !== null, warn);
	const certificate = await loadCertificate(options, logger);
	await using mailer = options.mailer && (await openMailer(options.mailer, warn));
	const server = await Server.open({
		...options,
		...fitted,
		certificate,
		web: options.web && { ...options.web, loadPage: runtime.loadPage },
		clocks: runtime.clocks,
		logger,
		mailer,
	});
	handleSignals(server, certificate, runtime);
	runtime.print(describe(server, options));
	if (!certificate && !isLoopback(server.host)) runtime.print(exposure(server));
	if (certificate) {
		const command = joinCommand(server, certificate, options.public);
		runtime.print(`On other devices, join with: ${command}`);
		runtime.print(`The server's fingerprint is ${certificate.fingerprint}`);
		if (options.public && !isInvitedTo(certificate.fingerprint, options.public)) {
			warn("No address in --public has this server's fingerprint: those who join by it refuse it.");
		}
	}
	if (server.page) runtime.print(`Friends without a terminal join at: ${server.page.url}`);
	if (server.page?.isAnswering === false) {
		warn("The certificate is not for the host in this link, so browsers refuse it. See --public.");
	}
	using _ = certificate?.watch();
	try {
		runtime.print(await server.ended);
	} finally {
		await log.flush(FLUSH_TIMEOUT);
	}
}

/** Loads it on demand, like the certificate: most rooms have neither, and start sooner without. */
async function openMailer(
	options: CodeMailerOptions,
	warn: (text: string, ip: string) => void,
): Promise<CodeMailer> {
	const { CodeMailer } = await import("./mail/code-mailer.ts");
	return new CodeMailer(options, warn);
}

async function loadCertificate(
	{ tls, state }: RunOptions,
	logger: Logger,
): Promise<Certificate | undefined> {
	if (tls === null) return undefined;
	const { Certificate, selfSignedFiles } = await import("./tls/certificate.ts");
	const files = tls === "own" ? await selfSignedFiles(state) : tls;
	return new Certificate(files, (entry) => logger.log(entry));
}

function handleSignals(
	server: Server,
	certificate: Certificate | undefined,
	{ signals, hasTerminal }: Runtime,
): void {
	const stop = () => server.shutDown();
	// Only once each, so that a second signal ends a server that hangs.
	signals.once("SIGINT", stop);
	signals.once("SIGTERM", stop);
	// SIGHUP tells a daemon to read its files again, but means that a terminal was closed.
	if (certificate && !hasTerminal()) signals.on("SIGHUP", () => certificate.reload());
	else signals.once("SIGHUP", stop);
}

/** What others on the network get from a server that listens to them without TLS. */
const exposure = ({ host, keys }: Server): string =>
	`Others on the network reach ${host}. They can see when somebody says something and how much, but not what. Without --tls, only those with access to the folder ${keys} can join.`;

function describe(server: Server, { smtp, mailer, methods, room }: RunOptions): string {
	const place = `fernet-chat listens on ${formatHostPort(server)} and keeps keys in ${server.keys}.`;
	const serves = server.page
		? `It serves a page for browsers on ${formatHostPort(server.page.place)}.`
		: [];
	const checks = needsVerifier(methods) ? `It checks logins with ${formatSmtpUrl(smtp)}.` : [];
	const mails = mailer ? `It mails codes through ${formatSmtpUrl(mailer.server)}.` : [];
	const keeps = room ? `It keeps the room in ${placeOf(room)}.` : [];
	return [place, serves, keeps, checks, mails, server.guests].flat().join(" ");
}

const placeOf = (room: RoomPlace): string =>
	"file" in room ? room.file : `Redis at ${formatRedisUrl(room.redis)}`;
