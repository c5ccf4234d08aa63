/** Below the ports that the system gives to connections, and to those who listen on port 0. */
const FIRST = 10_240;
const LAST = 32_000;

/** A free port that nobody else is given while its server is restarted. */
export function quietPort(): number {
	for (;;) {
		const port = FIRST + Math.floor(Math.random() * (LAST - FIRST));
		try {
			Bun.listen({ hostname: "127.0.0.1", port, socket: { data() {} } }).stop(true);
			return port;
		} catch {
			// Taken: another one.
		}
	}
}
