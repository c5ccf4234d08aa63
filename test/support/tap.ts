import { connect, createServer } from "node:net";
import { listen } from "./listen.ts";

/** A listener between clients and a server, such as anybody on the network could set up. */
export interface WireTap extends AsyncDisposable {
	readonly port: number;
	/** Every line that passed, in order and without its newline. */
	readonly lines: { from: "client" | "server"; line: string }[];
}

/** Passes everything on to a port of this machine, and keeps a copy. */
export async function tap(port: number): Promise<WireTap> {
	const lines: WireTap["lines"] = [];
	const listener = createServer((client) => {
		const server = connect(port, "127.0.0.1");
		copy(client, "client");
		copy(server, "server");
		client.pipe(server).pipe(client);
		// Either side may break off, or no server may listen: the other side then ends too.
		client.on("error", () => server.destroy());
		server.on("error", () => client.destroy());
	});

	function copy(stream: NodeJS.ReadableStream, from: "client" | "server"): void {
		let rest = "";
		stream.on("data", (chunk: Buffer) => {
			const parts = (rest + chunk.toString("latin1")).split("\n");
			rest = parts.pop() ?? "";
			lines.push(...parts.map((line) => ({ from, line })));
		});
	}

	const own = await listen(listener);
	return {
		port: own,
		lines,
		async [Symbol.asyncDispose]() {
			await new Promise((resolve) => listener.close(resolve));
		},
	};
}
