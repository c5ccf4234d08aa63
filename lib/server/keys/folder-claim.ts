import type { HostPort } from "../../util/host-port.ts";
import { ReasonedError, reason } from "../../wire/errors/reason.ts";
import type { KeyFolder } from "../../wire/keys/key-folder.ts";

/** Milliseconds: on this machine an answer comes at once, but a claim may lead anywhere. */
const TIMEOUT = 1000;

/**
 * Each server needs a keys folder of its own: a connection recorded at one server could be replayed
 * to another that finds the same key. A claim counts only while its process lives and something
 * answers where it listens. Throws ReasonedError `keys_in_use`.
 */
export async function assertFolderUnclaimed(keys: KeyFolder): Promise<void> {
	const claims = keys.claims();
	const answers = await Promise.all(claims.map(isAnswering));
	const other = claims.find((_, i) => answers[i]);
	// Where nobody answers, that server died, and another process has its id now.
	if (other === undefined) return;
	const sentence = `Another server, on port ${other.port}, is using the keys folder ${keys.path}. Choose another folder with --keys.`;
	throw new ReasonedError(reason("keys_in_use", sentence));
}

async function isAnswering({ host, port }: HostPort): Promise<boolean> {
	const connecting = connect(host, port).catch(() => false);
	return Promise.race([connecting, Bun.sleep(TIMEOUT).then(() => false)]);
}

async function connect(hostname: string, port: number): Promise<boolean> {
	const socket = await Bun.connect({ hostname, port, socket: { data() {} } });
	socket.terminate();
	return true;
}
