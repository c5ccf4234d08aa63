import { ReasonedError, reason } from "../../wire/errors/reason.ts";
import type { KeyFolder } from "../../wire/keys/key-folder.ts";

/**
 * Each server needs a keys folder of its own: a connection recorded at one server could be replayed
 * to another that finds the same key. A claim counts only while its process lives and something
 * answers where it listens. Throws ReasonedError `keys_in_use`.
 */
export async function assertFolderUnclaimed(keys: KeyFolder): Promise<void> {
	for (const { host, port } of keys.claims()) {
		try {
			const socket = await Bun.connect({ hostname: host, port, socket: { data() {} } });
			socket.terminate();
		} catch {
			// That server died, and another process has its id now.
			continue;
		}
		const sentence = `Another server, on port ${port}, is using the keys folder ${keys.path}. Choose another folder with --keys.`;
		throw new ReasonedError(reason("keys_in_use", sentence));
	}
}
