import { isOutOfFiles, systemErrorCode } from "../../util/errors.ts";
import { Fernet } from "../../wire/crypto/fernet.ts";
import { ProtocolError, type Reason, reason } from "../../wire/errors/reason.ts";
import { KeyFolderError } from "../../wire/keys/key-folder.ts";
import type { KeyFound } from "../keys/key-poller.ts";
import type { ServerContext } from "./context.ts";

type KeyContext = Pick<ServerContext, "keys" | "keyPoller" | "sessionIds" | "logger">;

/** One session's id and key file, from the hello to the end of the connection. */
export class SessionKey {
	readonly #context: KeyContext;
	readonly #id: string;

	private constructor(context: KeyContext, id: string) {
		this.#context = context;
		this.#id = id;
	}

	/**
	 * Claims an id for one connection. `key` came with it if the client shares no folder with us.
	 * Throws ProtocolError if the id or its key file is taken, or the key is not one.
	 */
	static claim(context: KeyContext, id: string, key?: string): SessionKey {
		if (context.sessionIds.has(id)) {
			throw new ProtocolError(reason("session_in_use"));
		}
		// Before the id is ours: a key that is there already is not, and must outlive this connection.
		if (key !== undefined) save(context, id, key);
		context.sessionIds.add(id);
		return new SessionKey(context, id);
	}

	/** Polls the keys folder until the key is there or proves unusable. */
	waitFor(found: KeyFound): void {
		this.#context.keyPoller.waitFor(this.#id, (result) =>
			found("error" in result ? { error: this.#keyFault(result.error) } : result),
		);
	}

	/** What is wrong with the key file, for a session that has waited for it in vain. */
	get fault(): Reason | null {
		try {
			this.#context.keys.read(this.#id);
			return null;
		} catch (error) {
			const fault = this.#keyFault(error);
			return fault instanceof ProtocolError ? fault.reason : null;
		}
	}

	/** The client may know what is wrong with its key file, but not what else went wrong. */
	#keyFault(error: unknown): unknown {
		if (error instanceof KeyFolderError) {
			return new ProtocolError(reason("bad_key_file", error.message));
		}
		if (!isOutOfFiles(error)) return error;
		const text = `The server could not read a session key: ${error}`;
		this.#context.logger.log({ event: "warning", text });
		return new ProtocolError(reason("busy"));
	}

	/** Frees the id and deletes the key. */
	release(): void {
		const { keyPoller, sessionIds, keys, logger } = this.#context;
		keyPoller.stop(this.#id);
		sessionIds.delete(this.#id);
		try {
			keys.remove(this.#id);
		} catch (error) {
			logger.log({ event: "warning", text: `The server could not remove a session key: ${error}` });
		}
	}
}

/** Throws ProtocolError unless the text is a key. */
function assertKey(key: string): void {
	try {
		new Fernet(key);
	} catch (cause) {
		throw new ProtocolError(reason("invalid_key"), { cause });
	}
}

function save({ keys, logger }: KeyContext, id: string, key: string): void {
	assertKey(key);
	try {
		keys.save(id, key);
	} catch (error) {
		// Another client, or an earlier try of this one, has saved its key and is about to connect.
		if (error instanceof KeyFolderError && systemErrorCode(error.cause) === "EEXIST") {
			throw new ProtocolError(reason("session_in_use"));
		}
		// The client must not learn why: the reason names our files.
		logger.log({ event: "warning", text: `The server could not save a session key: ${error}` });
		const isFull = error instanceof KeyFolderError && isOutOfFiles(error.cause);
		throw new ProtocolError(reason(isFull ? "busy" : "server_fault"));
	}
}
