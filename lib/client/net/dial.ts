import { getCACertificates } from "node:tls";
import type { Socket } from "bun";
import { ChatError, codeOf } from "../../util/errors.ts";
import { placeOf } from "../../util/host-port.ts";
import { type Address, isRemote, type Route } from "./endpoint.ts";

/** The server could not be reached, or was lost. */
export class Unreachable extends ChatError {}

/** What becomes of what arrives; there is none until the server is known to be the right one. */
export interface Receiver {
	hear(chunk: Buffer): void;
	drain(): void;
	closed(): void;
}

type Wire = Socket<Receiver | undefined>;
type Handlers = Bun.SocketHandler<Receiver | undefined>;

/** Milliseconds to be connected, and again for TLS to be agreed on: a firewall may not say a word. */
const PATIENCE = 10_000;

const receiving: Handlers = {
	data: (socket, chunk) => socket.data?.hear(chunk),
	drain: (socket) => socket.data?.drain(),
	end: (socket) => void socket.end(),
	close: (socket) => socket.data?.closed(),
	error: (socket) => void socket.terminate(),
};

/**
 * A socket to the server, over TLS unless it is on this machine. Throws Unreachable, and Untrusted for
 * one that nothing may be sent to.
 */
export async function dial(route: Route, patience = PATIENCE): Promise<Wire> {
	const socket = route.keys
		? await reach(route.address, patience, receiving)
		: await dialEncrypted(route, patience);
	socket.setNoDelay(true);
	return socket;
}

async function dialEncrypted({ address, trust }: Route, patience: number): Promise<Wire> {
	const { promise, resolve, reject } = Promise.withResolvers<void>();
	const give = (code: string, what: string) =>
		reject(new Unreachable(code, `the server at ${placeOf(address)} ${what}`));
	const socket = await reach(
		address,
		patience,
		{
			...receiving,
			handshake(socket, _, error) {
				const code = codeOf(error);
				// Told once more, as a close.
				if (code === "ECONNRESET") return;
				const shown = socket.getPeerCertificate()?.fingerprint256;
				// A certificate may be shown, copied from another, by who then failed to prove it. Any other
				// error is about who vouches for whom: there is a connection.
				if (!shown || code === "EPROTO") {
					const sentence =
						"did not agree on TLS: it is too busy, or was not started with: bun server.ts --tls";
					return give("no_tls", sentence);
				}
				try {
					const fingerprint = shown.replaceAll(":", "").toLowerCase();
					// The handler's own yes may mean the name alone, whoever has signed it.
					const isVouchedFor = socket.authorized && !error;
					trust.judge(address, address.fingerprint, { fingerprint, isVouchedFor });
					resolve();
				} catch (untrusted) {
					reject(untrusted);
				}
			},
			close(socket) {
				give("server_lost", "hung up before TLS was agreed on");
				socket.data?.closed();
			},
		},
		{ ca: authorities(), rejectUnauthorized: false },
	);
	const timer = setTimeout(give, patience, "server_silent", "does not answer in TLS");
	try {
		await promise;
		return socket;
	} catch (error) {
		socket.terminate();
		throw error;
	} finally {
		clearTimeout(timer);
	}
}

/** Throws Unreachable, with what to do about it. */
async function reach(
	address: Address,
	patience: number,
	socket: Handlers,
	tls?: Bun.TLSOptions,
): Promise<Wire> {
	const { host: hostname, port } = address;
	const options = { hostname, port, data: undefined, socket };
	const reached = Bun.connect<Receiver | undefined>(tls ? { ...options, tls } : options);
	const { promise: tooLate, reject } = Promise.withResolvers<never>();
	const timer = setTimeout(() => reject(new Error("nobody answers")), patience);
	try {
		return await Promise.race([reached, tooLate]);
	} catch (cause) {
		reached.then((late) => void late.terminate()).catch(() => {});
		throw new Unreachable("server_unreachable", absence(address, cause), { cause });
	} finally {
		clearTimeout(timer);
	}
}

/** Who can do something about it: on another machine, only its owner. */
function absence(address: Address, cause: unknown): string {
	if (codeOf(cause) === "ENOTFOUND") {
		return `the name "${address.host}" leads nowhere: it is not spelt so, or this machine is offline`;
	}
	const what = `no server answers at ${placeOf(address)}`;
	return isRemote(address)
		? `${what}; ask its owner whether it runs, and whether a firewall is in between`
		: `${what}; start one with: bun server.ts`;
}

/** Whom the runtime trusts, and whom the system does. */
const authorities = (): string[] => [
	...new Set([...getCACertificates("default"), ...getCACertificates("system")]),
];
