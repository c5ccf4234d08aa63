import { rmSync, type Stats } from "node:fs";
import { systemErrorCode, systemReason } from "../../util/errors.ts";
import { createFile, keepsModes, privacyFault, readUnlinked } from "../../util/secure-file.ts";
import { Fernet } from "../../wire/crypto/fernet.ts";
import { InvalidKey } from "../../wire/crypto/fernet-rules.ts";
import { NO_MODES, unusable } from "./unusable.ts";

/** A key, and the end of a line that somebody's editor may have added. */
const MAX_BYTES = 46;

/** The file with the key that seals a room log. */
export class LogKeyFile {
	readonly path: string;

	constructor(path: string) {
		this.path = path;
	}

	/** Returns the key, or null if there is no file. Throws ChatError `room_log_unusable`. */
	read(): string | null {
		try {
			const key = readUnlinked(this.path, assertKeyFile).toString("latin1").trimEnd();
			new Fernet(key);
			return key;
		} catch (cause) {
			if (systemErrorCode(cause) === "ENOENT") return null;
			throw unusable(`Cannot use the key file ${this.path}: ${faultIn(cause)}.`, cause);
		}
	}

	/** Saves the key of a new room. Throws ChatError `room_log_unusable`. */
	create(key: string): void {
		if (!keepsModes(this.path)) throw unusable(`The key file ${this.path} ${NO_MODES}-key.`);
		try {
			createFile(this.path, key);
		} catch (cause) {
			throw unusable(
				`Cannot create the key file ${this.path}: ${systemReason(cause)}. Choose a place for it with --room-key.`,
				cause,
			);
		}
	}

	remove(): void {
		rmSync(this.path, { force: true });
	}
}

function assertKeyFile(file: Stats): void {
	const fault = privacyFault(file);
	if (fault !== null) throw new Error(`it ${fault}`);
	if (file.size > MAX_BYTES) throw new InvalidKey();
}

function faultIn(error: unknown): string {
	if (error instanceof InvalidKey) return "it does not hold a Fernet key";
	return systemErrorCode(error) === "ELOOP" ? "it is a link" : systemReason(error);
}
