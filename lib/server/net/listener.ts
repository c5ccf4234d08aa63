import { constants } from "node:crypto";
import type { Socket, TCPSocketListener } from "bun";
import { ChatError, systemErrorCode } from "../../util/errors.ts";
import { reason } from "../../wire/reason.ts";
import type { Certificate } from "../tls/certificate.ts";
import type { Connection } from "./connection.ts";

export interface ListenerHandlers {
	/** Undefined for a connection that is to be cut at once. */
	readonly onConnect: (socket: ServerSocket) => Connection | undefined;
	readonly onClose: (connection: Connection) => void;
	readonly onError: (error: Error) => void;
}

/** A TLS connection begins with a handshake record; a hello of ours begins with an F. */
const HANDSHAKE = 0x16;
/** What is left is TLS 1.3. */
const OLDER = constants.SSL_OP_NO_TLSv1 | constants.SSL_OP_NO_TLSv1_1 | constants.SSL_OP_NO_TLSv1_2;

export type ServerSocket = Socket<Connection | undefined>;
export type Listener = TCPSocketListener<Connection | undefined>;

/**
 * One port for both kinds of connection: with a certificate, the first byte says which it is. Throws
 * ChatError when it cannot listen.
 */
export function listen(
	place: { host: string; port: number },
	certificate: Certificate | undefined,
	{ onConnect, onClose, onError }: ListenerHandlers,
): Listener {
	// Below an encrypted connection its first socket lives on, and is told of every byte and end too.
	const at = (socket: ServerSocket): Connection | undefined =>
		socket.data?.socket === socket ? socket.data : undefined;

	const handlers: Bun.SocketHandler<Connection | undefined> = {
		open(socket) {
			// One that was encrypted just now has arrived before.
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
		end: (socket) => at(socket)?.ended(),
		close(socket) {
			const connection = at(socket);
			if (connection) onClose(connection);
		},
		error(socket, error) {
			onError(error);
			socket.terminate();
		},
	};

	function encrypt(socket: ServerSocket, connection: Connection, initialData: Buffer): void {
		// Not in the runtime's types: what was read already is part of the handshake.
		const first = { initialData };
		const tls = { ...certificate?.pair, secureOptions: OLDER };
		const [, encrypted] = socket.upgradeTLS({ data: connection, socket: handlers, tls, ...first });
		connection.upgrade(encrypted);
		if (encrypted.readyState > 0) return;
		// What was read already was no handshake, and its end came before it could be told apart.
		connection.session.end(reason("no_tls", "what came was no TLS 1.3 handshake"));
		onClose(connection);
	}

	const { host: hostname, port } = place;
	try {
		return Bun.listen({ hostname, port, socket: handlers, data: undefined, allowHalfOpen: true });
	} catch (cause) {
		const code = systemErrorCode(cause);
		if (code === "EADDRINUSE") {
			const sentence = `port ${port} on ${hostname} is in use; choose another with --port`;
			throw new ChatError("port_in_use", sentence, { cause });
		}
		const sentence = `cannot listen on "${hostname}" (${code ?? "no such address"}); --host must be an address of this machine`;
		throw new ChatError("cannot_listen", sentence, { cause });
	}
}
