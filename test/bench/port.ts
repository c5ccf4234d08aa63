import { randomInt } from "node:crypto";
import { systemErrorCode } from "../../lib/util/errors.ts";
import { soon } from "./soon.ts";

const HOST = "127.0.0.1";

/** Below those that Linux gives to connections: one of a crowd could be given it meanwhile. */
const PORTS = { least: 10_000, most: 32_000 };

/** A port that was free a moment ago, for a program that cannot choose one itself. */
export function freePort(): number {
	for (;;) {
		const port = randomInt(PORTS.least, PORTS.most);
		try {
			Bun.listen({ hostname: HOST, port, socket: { data() {} } }).stop(true);
			return port;
		} catch (error) {
			if (systemErrorCode(error) !== "EADDRINUSE") throw error;
		}
	}
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
