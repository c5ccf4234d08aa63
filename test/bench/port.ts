import { soon } from "./soon.ts";

const HOST = "127.0.0.1";

/** A port that was free a moment ago, for a program that cannot choose one itself. */
export function freePort(): number {
	const listener = Bun.listen({ hostname: HOST, port: 0, socket: { data() {} } });
	listener.stop(true);
	return listener.port;
}

async function isAccepted(port: number): Promise<boolean> {
	try {
		const socket = await Bun.connect({ hostname: HOST, port, socket: { data() {} } });
		socket.terminate();
		return true;
	} catch {
		return false;
	}
}

/** Waits until a program accepts connections. */
export function accepts(port: number): Promise<void> {
	return soon(`a connection to port ${port}`, () => isAccepted(port));
}
