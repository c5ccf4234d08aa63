import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { type HostPort, roomKey } from "../../util/host-port.ts";
import { privacyFault, readBounded } from "../../util/secure-file.ts";
import { deviceField } from "../../wire/messages/fields.ts";
import type { ConfigDir } from "../util/config-dir.ts";

const MAX_BYTES = 4096;

/**
 * What this device can log in to a room with, for each account in a file of its own that nobody else
 * can read. All servers of the room share it, because it changes at each use; it is for those alone
 * that the user gave together, because another may be another room's. Nothing is kept in memory: what
 * could not be saved must not be used, because then the server would take what is in the file for a
 * thief's.
 */
export class RememberedDevices {
	readonly #configDir: ConfigDir;
	readonly #server: string;

	/** The servers of one room, in any order. */
	constructor(configDir: ConfigDir, servers: readonly HostPort[]) {
		this.#configDir = configDir;
		this.#server = roomKey(servers);
	}

	/** Null if there is nothing, or others can have read it. */
	load(email: string): string | null {
		const { device } = this.#read(email);
		return deviceField.is(device) ? device : null;
	}

	/** The user does not want this device remembered. */
	isDeclined(email: string): boolean {
		return this.#read(email).isDeclined === true;
	}

	#read(email: string): Record<string, unknown> {
		const path = join(this.#configDir.folder, this.#file(email));
		try {
			const bytes = readBounded(path, MAX_BYTES, (file) => {
				if (privacyFault(file) !== null) throw new Error("it is not private");
			});
			const kept = Object(JSON.parse(bytes.toString()));
			return kept.server === this.#server ? kept : {};
		} catch {
			return {};
		}
	}

	/** Keeps what is there if there is nothing new: the server takes that once more. */
	save(email: string, device: string | undefined): void {
		if (device === undefined) return;
		this.#configDir.write(this.#file(email), { server: this.#server, email, device });
	}

	decline(email: string): void {
		this.#configDir.write(this.#file(email), { server: this.#server, email, isDeclined: true });
	}

	forget(email: string): void {
		try {
			rmSync(join(this.#configDir.folder, this.#file(email)), { force: true });
		} catch {}
	}

	/** An address can have characters that no file name can. */
	#file(email: string): string {
		const key = `${this.#server} ${email.toLowerCase()}`;
		return `device-${createHash("sha256").update(key).digest("hex").slice(0, 32)}.json`;
	}
}
