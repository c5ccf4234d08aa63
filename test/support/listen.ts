import type { Server } from "node:net";

/** The port that a server listens on. */
export function portOf(server: Server): number {
	const address = server.address();
	if (typeof address !== "object" || !address) throw new Error("the server does not listen");
	return address.port;
}

/** Listens on a free port of this machine, and returns the port. */
export async function listen(server: Server): Promise<number> {
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	return portOf(server);
}
