import type { Socket, TCPSocketListener } from "bun";
import { systemErrorCode } from "../../util/errors.ts";
import { formatHostPort, type HostPort } from "../../util/host-port.ts";
import { ONLY_TLS_1_3 } from "../../util/tls-versions.ts";
import { ReasonedError, reason } from "../../wire/errors/reason.ts";
import type { Certificate } from "../tls/certificate.ts";
import type { Connection } from "./connection.ts";

interface ListenerHandlers {
	/** Returns undefined for a connection that must be cut at once. */
	readonly onConnect: (socket: ServerSocket) => Connection | undefined;
	readonly onClose: (connection: Connection) => void;
	/** `ip` is undefined if no connection exists yet. */
	readonly onError: (error: Error, ip: string | undefined) => void;
}

/** The first byte of a TLS handshake record; our own hello begins with an F. */
const HANDSHAKE = 0x16;

export type ServerSocket = Socket<Connection | undefined>;
export type Listener = TCPSocketListener<Connection | undefined>;

/**
 * Listens on one port for both kinds of connection: with a certificate, the first byte tells which
 * it is. Throws ReasonedError `host_unusable`, `port_in_use`, `port_forbidden` or `cannot_listen`.
 */
export function listen(
	place: HostPort,
	certificate: Certificate | undefined,
	{ onConnect, onClose, onError }: ListenerHandlers,
): Listener {
	// Below an encrypted connection the first socket lives on and still gets every event: ignore it.
	const at = (socket: ServerSocket): Connection | undefined =>
		socket.data?.socket === socket ? socket.data : undefined;

	const handlers: Bun.SocketHandler<Connection | undefined> = {
		open(socket) {
			// The encrypted socket opens too, but its connection exists already.
			if (socket.data) return;
			socket.data = onConnect(socket);
			if (!socket.data) socket.terminate();
		},
		data(socket, chunk) {
			const connection = at(socket);
			if (!connection) return;
			if (certificate && connection.isNew && chunk[0] === HANDSHAKE) {
				encrypt(socket, connection, chunk);
			} else connection.receive(chunk);
		},
		handshake(socket, isDone) {
			if (!isDone) socket.terminate();
		},
		drain: (socket) => at(socket)?.drain(),
		end: (socket) => at(socket)?.onEnd(),
		close(socket) {
			const connection = at(socket);
			if (connection) onClose(connection);
		},
		error(socket, error) {
			onError(error, socket.data?.ip);
			socket.terminate();
		},
	};

	function encrypt(socket: ServerSocket, connection: Connection, initialData: Buffer): void {
		// Missing from the runtime's types: what we have read already is the start of the handshake.
		const first = { initialData };
		const tls = { ...certificate?.pair, secureOptions: ONLY_TLS_1_3 };
		const [, encrypted] = socket.upgradeTLS({ data: connection, socket: handlers, tls, ...first });
		connection.upgrade(encrypted);
		if (encrypted.readyState > 0) return;
		// What came was no handshake: the encrypted socket closed before `upgrade` made it ours, so
		// that its `close` was ignored.
		connection.session.hangUp(reason("no_tls", "This was not a TLS 1.3 handshake."));
		onClose(connection);
	}

	const { host: hostname, port } = place;
	try {
		return Bun.listen({ hostname, port, socket: handlers, data: undefined, allowHalfOpen: true });
	} catch (cause) {
		throw cannotListen(place, cause);
	}
}

/** The system's codes where the address is at fault; for a name that nobody knows there may be none. */
const ADDRESS_FAULTS: readonly unknown[] = ["EADDRNOTAVAIL", "ENOTFOUND", "EINVAL", undefined];

function cannotListen(place: HostPort, cause: unknown): ReasonedError {
	const code = systemErrorCode(cause);
	if (code === "EADDRINUSE") {
		const sentence = `Port ${place.port} on ${place.host} is in use (${code}). Choose another with --port.`;
		return new ReasonedError(reason("port_in_use", sentence), { cause });
	}
	const sentence = `Cannot listen on ${formatHostPort(place)} (${code ?? "no such address"}).`;
	if (ADDRESS_FAULTS.includes(code)) {
		const advice = "--host must be an address of this machine, without a port.";
		return new ReasonedError(reason("host_unusable", `${sentence} ${advice}`), { cause });
	}
	if (code === "EACCES") {
		const advice = "Ports below 1024 need rights that this user lacks. Choose another with --port.";
		return new ReasonedError(reason("port_forbidden", `${sentence} ${advice}`), { cause });
	}
	return new ReasonedError(reason("cannot_listen", sentence), { cause });
}
