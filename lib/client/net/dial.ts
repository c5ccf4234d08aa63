import type { Socket } from "bun";
import type { Endpoint } from "../../util/endpoint.ts";
import { systemErrorCode } from "../../util/errors.ts";
import { formatHostPort } from "../../util/host-port.ts";
import { installation } from "../../util/installation.ts";
import { ONLY_TLS_1_3 } from "../../util/tls-versions.ts";
import { type Reason, reason } from "../../wire/errors/reason.ts";
import { within } from "../util/within.ts";
import { type Address, usesTls } from "./endpoint.ts";
import type { PresentedCertificate } from "./known-servers.ts";
import { Unreachable } from "./link-errors.ts";

/** Handles what a socket receives; attached once the server is known to be the right one. */
export interface Receiver {
	receive(chunk: Buffer): void;
	drain(): void;
	closed(): void;
}

type ClientSocket = Socket<Receiver | undefined>;
type Handlers = Bun.SocketHandler<Receiver | undefined>;

/** Milliseconds to connect, and again for the TLS handshake: a firewall may drop every packet. */
const TIMEOUT = 10_000;

/** How long one step may take. */
export const timeoutFor = ({ limit }: Pick<Address, "limit">): number => Math.min(limit, TIMEOUT);

const receiverHandlers: Handlers = {
	data: (socket, chunk) => socket.data?.receive(chunk),
	drain: (socket) => socket.data?.drain(),
	end: (socket) => void socket.end(),
	close: (socket) => socket.data?.closed(),
	error: (socket) => void socket.terminate(),
};

/**
 * Connects to a server, over TLS unless the address has a key folder. Throws Unreachable, or
 * Untrusted if nothing may be sent to this server.
 */
export async function dial(address: Address): Promise<ClientSocket> {
	const socket = address.keys ? await connect(address, receiverHandlers) : await dialTls(address);
	socket.setNoDelay(true);
	return socket;
}

async function dialTls(address: Address): Promise<ClientSocket> {
	const { endpoint, knownServers } = address;
	const { promise: verified, resolve, reject } = Promise.withResolvers<void>();
	// Also rejected when nobody waits any more: by a socket that connects after the time-out.
	verified.catch(() => {});
	const server = formatHostPort(endpoint);
	const fail = (why: Reason) => reject(new Unreachable(why));
	const handlers: Handlers = {
		...receiverHandlers,
		handshake(socket, _, error) {
			// The runtime reports this one again, as a close.
			if (systemErrorCode(error) === "ECONNRESET") return;
			const certificate = presentedCertificate(socket, error);
			if (!certificate) {
				const what = `Could not start an encrypted connection to ${server}.`;
				const why =
					"Perhaps the server is too busy, has no TLS 1.3, or was not started with --tls.";
				return fail(reason("no_tls", `${what} ${why}`));
			}
			try {
				knownServers.verify(endpoint, certificate);
				resolve();
			} catch (untrusted) {
				reject(untrusted);
			}
		},
		close(socket) {
			fail(
				reason(
					"server_lost",
					`The server at ${server} hung up before the connection was encrypted.`,
				),
			);
			socket.data?.closed();
		},
	};
	const ca = await trustedAuthorities();
	const name = await named(endpoint);
	// Older versions could be recorded now and read later, with the server's key.
	const tls = { ca, rejectUnauthorized: false, secureOptions: ONLY_TLS_1_3, ...name };
	const socket = await connect(address, handlers, tls);
	const timer = setTimeout(fail, timeoutFor(address), reason("tls_timeout", server));
	try {
		await verified;
		return socket;
	} catch (error) {
		socket.terminate();
		throw error;
	} finally {
		clearTimeout(timer);
	}
}

/** The certificate whose key the server has proved to hold; null if the TLS handshake failed. */
function presentedCertificate(
	socket: ClientSocket,
	error: Error | null,
): PresentedCertificate | null {
	const certificate = socket.getPeerCertificate();
	const shown = certificate?.fingerprint256;
	// EPROTO: the server may have copied another's certificate, and failed to prove that it holds the
	// key. Any other error is about who signed the certificate: there is a connection.
	if (!shown || systemErrorCode(error) === "EPROTO") return null;
	return {
		fingerprint: shown.replaceAll(":", "").toLowerCase(),
		// The handler's own flag is true for any certificate of the right name, whoever signed it.
		isAuthorized: socket.authorized && !error,
		fault: {
			code: systemErrorCode(error),
			validFrom: certificate.valid_from,
			validTo: certificate.valid_to,
			isSelfSigned: Bun.deepEquals(certificate.issuer, certificate.subject),
		},
	};
}

/** A certificate is for the name by which the user knows the server. */
async function named({ host }: Endpoint): Promise<Bun.TLSOptions> {
	const { isIP } = await import("node:net");
	return isIP(host) === 0 ? { serverName: host } : {};
}

/** Throws Unreachable, with a text that says what to do about it. */
async function connect(
	address: Address,
	socket: Handlers,
	tls?: Bun.TLSOptions,
): Promise<ClientSocket> {
	const { endpoint, ip: hostname } = address;
	const options = { hostname, port: endpoint.port, data: undefined, socket };
	const connecting = Bun.connect<Receiver | undefined>(tls ? { ...options, tls } : options);
	try {
		return await within(timeoutFor(address), connecting);
	} catch (cause) {
		connecting.then((late) => void late.terminate()).catch(() => {});
		throw new Unreachable(describeFailure(endpoint, cause), { cause });
	}
}

/** Says what to do: start a server here, or ask whoever runs one on another machine. */
export function describeFailure(endpoint: Endpoint, cause: unknown): Reason {
	const code = systemErrorCode(cause);
	if (code === "ENOTFOUND") {
		const text = `Cannot find "${endpoint.host}". Check the spelling and your internet connection.`;
		return reason("server_unreachable", text);
	}
	// A time-out of ours has no code.
	const why = code === undefined ? "" : ` (${code})`;
	const what = `No server answers at ${formatHostPort(endpoint)}${why}.`;
	// With a fingerprint even this machine's address may lead through a tunnel to another machine.
	const advice = usesTls(endpoint)
		? "Ask the person who runs it whether it is running, and whether a firewall blocks it."
		: `Start one with: ${installation.here("server")}`;
	return reason("server_unreachable", `${what} ${advice}`);
}

/** The certificate authorities that the runtime trusts, and those that the system does; PEM. */
async function trustedAuthorities(): Promise<string[]> {
	const { getCACertificates } = await import("node:tls");
	return [...new Set([...getCACertificates("default"), ...getCACertificates("system")])];
}
