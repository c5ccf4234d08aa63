import type { Socket } from "bun";

// The least that a quiet room can do: of each line, everybody gets the first bytes, at once. A
// room that is not quiet needs more: whatever a socket does not take at once is lost.
// Usage: bun echo-server.ts BYTES

const BYTES = Number(process.argv[2]);
const sockets = new Set<Socket<undefined>>();

const server = Bun.listen<undefined>({
	hostname: "127.0.0.1",
	port: 0,
	socket: {
		open(socket) {
			socket.setNoDelay(true);
			sockets.add(socket);
		},
		data(_, chunk) {
			const answer = chunk.subarray(0, BYTES);
			answer[BYTES - 1] = "\n".charCodeAt(0);
			for (const socket of sockets) socket.write(answer);
		},
		close: (socket) => void sockets.delete(socket),
	},
});
console.log(server.port);
