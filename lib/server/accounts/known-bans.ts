import { join } from "node:path";
import { errorMessage, systemErrorCode } from "../../util/errors.ts";
import { readBounded, replaceFile } from "../../util/secure-file.ts";
import { createStateDir } from "../storage/state-dir.ts";
import { MAX_BANS } from "./ban-file.ts";
import { type BanPoint, type BanVersion, hasSeen } from "./ban-record.ts";

/** Room for the longest address and a newline for each of them, twice, and for the version. */
const MAX_BYTES = 2 * MAX_BANS * 255 + 100;

interface Known extends BanPoint {
	readonly accounts: readonly string[];
}

/**
 * What the file of bans and the room agreed on last, beside that file: when a server starts, it tells a
 * ban that a person has removed from the file from one that was made while the server was down. Lines:
 * the list, its version, and each account.
 */
export class KnownBans {
	readonly #folder: string;
	readonly #path: string;
	readonly #warn: (sentence: string) => void;
	#known: Known | null;

	constructor(folder: string, warn: (sentence: string) => void) {
		this.#folder = folder;
		this.#path = join(folder, "banned.known");
		this.#warn = warn;
		this.#known = this.#read();
	}

	/** The accounts. Null if the room's list has not seen all that was known. */
	of(version: BanVersion): ReadonlySet<string> | null {
		const known = this.#known;
		return known && hasSeen(version, known) ? new Set(known.accounts) : null;
	}

	/** Never throws: without it, a ban that the room has is never taken for one that was removed. */
	save(at: BanVersion, known: ReadonlySet<string>): void {
		if (this.of(at)?.symmetricDifference(known).size === 0) return;
		const { lineage, version } = at;
		const accounts = [...known];
		const text = [lineage, version, ...accounts].map((line) => `${line}\n`).join("");
		this.#known = { lineage, version, accounts };
		try {
			createStateDir(this.#folder);
			replaceFile(this.#path, text);
		} catch (error) {
			this.#warn(`Cannot save ${this.#path}: ${errorMessage(error)}.`);
		}
	}

	#read(): Known | null {
		try {
			const text = readBounded(this.#path, MAX_BYTES).toString();
			const [lineage = "", version, ...accounts] = text.trimEnd().split("\n");
			return { lineage, version: Number(version), accounts };
		} catch (error) {
			if (systemErrorCode(error) !== "ENOENT") {
				this.#warn(`Cannot read ${this.#path}: ${errorMessage(error)}.`);
			}
			return null;
		}
	}
}
