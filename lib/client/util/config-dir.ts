import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { homeFolder, xdgFolder } from "../../util/home-path.ts";
import { readBounded, replaceFile } from "../../util/secure-file.ts";
import type { JsonStore } from "./json-store.ts";

type Environment = Record<string, string | undefined>;

/** Bytes that a file may have: enough for some ten thousand servers. */
const MAX_BYTES = 1024 * 1024;

/** JSON files in the user's configuration folder, which nobody else can read. */
export class ConfigDir implements JsonStore {
	readonly folder: string;

	constructor({ XDG_CONFIG_HOME }: Environment) {
		this.folder = join(xdgFolder(XDG_CONFIG_HOME) ?? join(homeFolder(), ".config"), "fernet-chat");
	}

	read(file: string): Record<string, unknown> {
		try {
			// Not `toString`: it keeps the byte order mark that an editor may have put there.
			const text = new TextDecoder().decode(readBounded(join(this.folder, file), MAX_BYTES));
			return Object(JSON.parse(text));
		} catch {
			return {};
		}
	}

	write(file: string, value: object): void {
		try {
			mkdirSync(this.folder, { recursive: true, mode: 0o700 });
			replaceFile(join(this.folder, file), `${JSON.stringify(value)}\n`);
		} catch {}
	}
}
