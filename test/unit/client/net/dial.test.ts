import { expect, test } from "bun:test";
import { dial } from "../../../../lib/client/net/dial.ts";
import { KnownServers } from "../../../../lib/client/net/known-servers.ts";
import { ConfigDir } from "../../../../lib/client/util/config-dir.ts";
import { requirePython } from "../../../support/python.ts";

/** Listens, and lets so many connect that the system drops every further attempt. */
const FULL = `
import socket, sys
server = socket.socket()
server.bind(("127.0.0.1", 0))
server.listen(0)
address = server.getsockname()
clients = [socket.socket() for _ in range(4)]
for client in clients:
    client.setblocking(False)
    client.connect_ex(address)
print(address[1], flush=True)
sys.stdin.read()
`;

test("a server to which no packet leads is given up when its time is over", async () => {
	await using full = Bun.spawn([requirePython(), "-c", FULL], { stdin: "pipe", stdout: "pipe" });
	const { value = new Uint8Array() } = await full.stdout.getReader().read();
	const port = Number(new TextDecoder().decode(value));
	const target = {
		...{ endpoint: { host: "chat.test", port, fingerprints: [] }, ip: "127.0.0.1" },
		...{ keys: undefined, knownServers: new KnownServers(new ConfigDir({})), limit: 200 },
	};
	const before = performance.now();
	await expect(dial(target)).rejects.toMatchObject({
		code: "server_unreachable",
		message: `No server answers at chat.test:${port}. Ask the person who runs it whether it is running, and whether a firewall blocks it.`,
	});
	expect(performance.now() - before).toBeGreaterThan(190);
});
