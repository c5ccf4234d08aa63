import type { Socket, TCPSocketListener } from "bun";
import type { HostPort } from "../../util/host-port.ts";
import { ONLY_TLS_1_3 } from "../../util/tls-versions.ts";
import { type Reason, reason } from "../../wire/errors/reason.ts";
import type { Certificate } from "../tls/certificate.ts";
import { CannotListen, type PortFlag } from "./cannot-listen.ts";

/** What a socket belongs to: a connection of the wire, or a browser's. */
interface SocketOwner {
	/** The current socket: TLS replaces the first one. */
	readonly socket: Socket<unknown>;
	readonly ip: string;
	/** Nothing has arrived yet. */
	readonly isNew: boolean;
	/** Continues over TLS, before anything was said. */
	upgrade(socket: Socket<unknown>): void;
	receive(chunk: Buffer): void;
	/** Call when the socket can take more. */
	drain(): void;
	/** Call when the peer has closed its side. */
	onEnd(): void;
	hangUp(reason: Reason): void;
}

interface ListenerHandlers<O extends SocketOwner> {
	/** Returns undefined for a connection that must be cut at once. */
	readonly onConnect: (socket: ServerSocket<O>) => O | undefined;
	readonly onClose: (owner: O) => void;
	/** `ip` is undefined if no connection exists yet. */
	readonly onError: (error: Error, ip: string | undefined) => void;
}

/** The first byte of a TLS handshake record; our own hello begins with an F. */
const HANDSHAKE = 0x16;

export type ServerSocket<O extends SocketOwner> = Socket<O | undefined>;
export type Listener<O extends SocketOwner> = TCPSocketListener<O | undefined>;

/**
 * Listens on one port for both kinds of connection: with a certificate, the first byte tells which
 * it is. `flag` is where the port was given. Throws CannotListen.
 */
export function listen<O extends SocketOwner>(
	place: HostPort & { readonly flag: PortFlag },
	certificate: Certificate | undefined,
	{ onConnect, onClose, onError }: ListenerHandlers<O>,
): Listener<O> {
	// Below an encrypted connection the first socket lives on and still gets every event: ignore it.
	const at = (socket: ServerSocket<O>): O | undefined =>
		socket.data?.socket === socket ? socket.data : undefined;

	const handlers: Bun.SocketHandler<O | undefined> = {
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

	function encrypt(socket: ServerSocket<O>, connection: O, initialData: Buffer): void {
		// Missing from the runtime's types: what we have read already is the start of the handshake.
		const first = { initialData };
		const tls = { ...certificate?.pair, secureOptions: ONLY_TLS_1_3 };
		const [, encrypted] = socket.upgradeTLS({ data: connection, socket: handlers, tls, ...first });
		connection.upgrade(encrypted);
		if (encrypted.readyState > 0) return;
		// What came was no handshake: the encrypted socket closed before `upgrade` made it ours, so
		// that its `close` was ignored.
		connection.hangUp(reason("no_tls", "This was not a TLS 1.3 handshake."));
		onClose(connection);
	}

	const { host: hostname, port } = place;
	try {
		return Bun.listen({ hostname, port, socket: handlers, data: undefined, allowHalfOpen: true });
	} catch (cause) {
		throw new CannotListen(place, cause);
	}
}
