import type { Socket } from "bun";
import { Outbox } from "../../../lib/wire/transport/outbox.ts";

// The least that a room can do: all lines that a turn of the event loop has brought go to everybody
// as they came, in clear and unchecked, in one buffer. No limits, no names, no keys.

interface Peer {
	readonly outbox: Outbox;
	/** The beginning of a line whose end has not come yet. */
	rest: Buffer;
}

const peers = new Set<Peer>();
let turn: Buffer[] = [];

function flush(): void {
	const bytes = Buffer.concat(turn);
	turn = [];
	for (const { outbox } of peers) outbox.write(bytes);
}

const server = Bun.listen<Peer>({
	hostname: "127.0.0.1",
	port: 0,
	socket: {
		open(socket: Socket<Peer>) {
			socket.setNoDelay(true);
			socket.data = { outbox: new Outbox(socket), rest: Buffer.alloc(0) };
			peers.add(socket.data);
		},
		data({ data: peer }, chunk) {
			const bytes = Buffer.concat([peer.rest, chunk]);
			const end = bytes.lastIndexOf("\n") + 1;
			peer.rest = bytes.subarray(end);
			if (end === 0) return;
			if (turn.length === 0) setImmediate(flush);
			turn.push(bytes.subarray(0, end));
		},
		drain: ({ data: { outbox } }) => outbox.drain(),
		close: ({ data: peer }) => void peers.delete(peer),
	},
});
console.log(server.port);
