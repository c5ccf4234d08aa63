import { dirname } from "node:path";
import { ChatError, errorMessage, systemErrorCode } from "../../util/errors.ts";
import { replaceFile } from "../../util/secure-file.ts";
import { ReasonedError, reason } from "../../wire/errors/reason.ts";
import { type ConfigLines, readConfigLines } from "../storage/config-file.ts";
import { createStateDir } from "../storage/state-dir.ts";
import { parseAccount } from "./account.ts";

/** Accounts that can be banned at once. */
export const MAX_BANS = 10_000;
/** Room for the longest address and a newline for each of them. */
const MAX_BYTES = MAX_BANS * 255;

/**
 * The `banned` file, one account a line. If there is no file, nobody is banned. The server adds and
 * removes lines, and leaves all others as the operator wrote them.
 */
export class BanFile {
	readonly accounts: ReadonlySet<string>;
	/** The numbers, from 1, of the lines that cannot be read. */
	readonly unreadable: readonly number[];
	readonly #path: string;
	readonly #lines: ConfigLines<string>["lines"];

	/** Throws ChatError `bans_unusable` if the file cannot be read or bans too many. */
	constructor(path: string) {
		this.#path = path;
		({ lines: this.#lines, unreadable: this.unreadable } = readLines(path));
		this.accounts = new Set(this.#lines.flatMap(({ entry }) => entry ?? []));
		if (this.accounts.size > MAX_BANS) throw tooMany(path);
	}

	/** Rewrites the file so that it bans exactly these accounts. Throws ChatError `bans_unusable`. */
	replace(accounts: ReadonlySet<string>): void {
		if (accounts.size > MAX_BANS) throw tooMany(this.#path);
		const kept = this.#lines.filter(({ entry }) => entry === null || accounts.has(entry));
		const old = kept.map(({ raw }) => raw).join("");
		const added = [...accounts.difference(this.accounts)].map((account) => `${account}\n`);
		const isCutOff = old !== "" && !old.endsWith("\n");
		const text = `${old}${isCutOff && added.length > 0 ? "\n" : ""}${added.join("")}`;
		try {
			if (text.length > MAX_BYTES) throw new Error(`it has more than ${MAX_BYTES} bytes`);
			createStateDir(dirname(this.#path));
			replaceFile(this.#path, Buffer.from(text, "latin1"));
		} catch (cause) {
			throw unusable(`Cannot save the ban list ${this.#path}: ${errorMessage(cause)}.`, cause);
		}
	}
}

function readLines(path: string): ConfigLines<string> {
	const sentence = "Cannot read the ban list";
	const file = { path, maxBytes: MAX_BYTES, code: CODE, sentence };
	try {
		return readConfigLines(file, parseAccount);
	} catch (error) {
		if (error instanceof ChatError && systemErrorCode(error.cause) === "ENOENT")
			return { lines: [], unreadable: [] };
		throw error;
	}
}

const CODE = "bans_unusable" as const;

const tooMany = (path: string): ChatError =>
	unusable(`The ban list ${path} has more than ${MAX_BANS.toLocaleString("en")} accounts.`);

const unusable = (sentence: string, cause?: unknown): ChatError =>
	new ReasonedError(reason(CODE, sentence), { cause });
