import type { Socket } from "bun";
import { systemErrorCode } from "../../util/errors.ts";
import { formatHostPort } from "../../util/host-port.ts";
import { type PeerReason, type Reason, ReasonedError, reason } from "../../wire/reason.ts";
import { type Endpoint, isRemote, type ServerTarget } from "./endpoint.ts";
import type { PresentedCertificate } from "./known-servers.ts";

/** The server could not be reached, or was lost. */
export class Unreachable extends ReasonedError<PeerReason> {}

/** What becomes of what arrives; there is none until the server is known to be the right one. */
export interface Receiver {
	receive(chunk: Buffer): void;
	drain(): void;
	closed(): void;
}

type ClientSocket = Socket<Receiver | undefined>;
type Handlers = Bun.SocketHandler<Receiver | undefined>;

/** Milliseconds to be connected, and again for TLS to be agreed on: a firewall may not say a word. */
const TIMEOUT = 10_000;

const receiverHandlers: Handlers = {
	data: (socket, chunk) => socket.data?.receive(chunk),
	drain: (socket) => socket.data?.drain(),
	end: (socket) => void socket.end(),
	close: (socket) => socket.data?.closed(),
	error: (socket) => void socket.terminate(),
};

/**
 * A socket to the server, over TLS unless it is on this machine. Throws Unreachable, and Untrusted for
 * one that nothing may be sent to.
 */
export async function dial(target: ServerTarget, timeout = TIMEOUT): Promise<ClientSocket> {
	const socket = target.keys
		? await connect(target.endpoint, timeout, receiverHandlers)
		: await dialTls(target, timeout);
	socket.setNoDelay(true);
	return socket;
}

async function dialTls(
	{ endpoint, knownServers }: ServerTarget,
	timeout: number,
): Promise<ClientSocket> {
	const { promise: verified, resolve, reject } = Promise.withResolvers<void>();
	const server = formatHostPort(endpoint);
	const fail = (why: Reason) => reject(new Unreachable(why));
	const handlers: Handlers = {
		...receiverHandlers,
		handshake(socket, _, error) {
			// Reported once more, as a close.
			if (systemErrorCode(error) === "ECONNRESET") return;
			const certificate = presentedCertificate(socket, error);
			if (!certificate) {
				const what =
					"did not agree on TLS: it is too busy, or was not started with: bun server.ts --tls";
				return fail(reason("no_tls", `the server at ${server} ${what}`));
			}
			try {
				knownServers.verify(endpoint, endpoint.fingerprint, certificate);
				resolve();
			} catch (untrusted) {
				reject(untrusted);
			}
		},
		close(socket) {
			fail(reason("server_lost", `the server at ${server} hung up before TLS was agreed on`));
			socket.data?.closed();
		},
	};
	const tls = { ca: await trustedAuthorities(), rejectUnauthorized: false };
	const socket = await connect(endpoint, timeout, handlers, tls);
	const timer = setTimeout(fail, timeout, reason("tls_timeout", server));
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

/** What the server has shown and proved to hold the key of; null where TLS was not agreed on. */
function presentedCertificate(
	socket: ClientSocket,
	error: Error | null,
): PresentedCertificate | null {
	const shown = socket.getPeerCertificate()?.fingerprint256;
	// A server may show a certificate, copied from another, and then fail to prove that it holds the
	// key. Any other error is about who signed it: there is a connection.
	if (!shown || systemErrorCode(error) === "EPROTO") return null;
	return {
		fingerprint: shown.replaceAll(":", "").toLowerCase(),
		// The handler's own yes may mean the name alone, whoever has signed it.
		isAuthorized: socket.authorized && !error,
	};
}

/** Throws Unreachable, with what to do about it. */
async function connect(
	endpoint: Endpoint,
	timeout: number,
	socket: Handlers,
	tls?: Bun.TLSOptions,
): Promise<ClientSocket> {
	const { host: hostname, port } = endpoint;
	const options = { hostname, port, data: undefined, socket };
	const connecting = Bun.connect<Receiver | undefined>(tls ? { ...options, tls } : options);
	const { promise: timedOut, reject } = Promise.withResolvers<never>();
	const timer = setTimeout(() => reject(new Error("nobody answers")), timeout);
	try {
		return await Promise.race([connecting, timedOut]);
	} catch (cause) {
		connecting.then((late) => void late.terminate()).catch(() => {});
		throw new Unreachable(reason("server_unreachable", describeFailure(endpoint, cause)), {
			cause,
		});
	} finally {
		clearTimeout(timer);
	}
}

/** Who can do something about it: on another machine, only its owner. */
function describeFailure(endpoint: Endpoint, cause: unknown): string {
	if (systemErrorCode(cause) === "ENOTFOUND") {
		return `the name "${endpoint.host}" leads nowhere: it is not spelt so, or this machine is offline`;
	}
	const what = `no server answers at ${formatHostPort(endpoint)}`;
	return isRemote(endpoint)
		? `${what}; ask its owner whether it runs, and whether a firewall is in between`
		: `${what}; start one with: bun server.ts`;
}

/** Whom the runtime trusts, and whom the system does. */
async function trustedAuthorities(): Promise<string[]> {
	const { getCACertificates } = await import("node:tls");
	return [...new Set([...getCACertificates("default"), ...getCACertificates("system")])];
}
