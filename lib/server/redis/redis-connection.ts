import { RedisClient } from "bun";
import { ChatError, errorMessage } from "../../util/errors.ts";
import { formatHostPort } from "../../util/host-port.ts";
import type { RedisAddress } from "./redis-address.ts";
import { replyText } from "./reply-text.ts";

/** Milliseconds until a connection must stand, and until a command must be answered. */
const CONNECT_TIME = 3000;
export const COMMAND_TIME = 3000;

/** What Redis said about a command: it has certainly not been carried out. */
export class RedisRefusal extends ChatError {
	constructor(cause: unknown) {
		super("redis_refused", replyText(errorMessage(cause)), { cause });
	}
}

/** The connection has ended: whether commands without an answer were carried out, nobody knows. */
export class RedisGone extends ChatError {
	constructor(cause?: unknown) {
		super("redis_gone", "The connection to Redis has ended.", { cause });
	}
}

/**
 * One connection to Redis, in use until it ends. Bun's client would wait without end for an answer,
 * and after reconnecting run commands that its caller has given up.
 */
export class RedisConnection implements Disposable {
	/** Resolves when the connection has ended. */
	readonly ended: Promise<void>;
	readonly #client: RedisClient;
	/** Resolves when all that was sent has been answered. */
	#answered: Promise<unknown> = Promise.resolve();

	private constructor(client: RedisClient) {
		this.#client = client;
		this.ended = new Promise((resolve) => {
			client.onclose = () => resolve();
		});
	}

	/** Throws RedisGone. */
	static async open(address: RedisAddress): Promise<RedisConnection> {
		const client = new RedisClient(clientUrl(address), {
			connectionTimeout: CONNECT_TIME,
			autoReconnect: false,
			enableOfflineQueue: false,
		});
		const connection = new RedisConnection(client);
		try {
			await client.connect();
		} catch (cause) {
			throw new RedisGone(cause);
		}
		return connection;
	}

	/**
	 * Sends a command and returns the answer. `patience` is how long Redis itself, or a large value on
	 * its way, may take, in milliseconds. Throws RedisRefusal, or RedisGone, also if there is no answer
	 * in time.
	 */
	async send(command: string, args: readonly (string | number)[], patience = 0): Promise<unknown> {
		const before = this.#answered;
		const answer = Promise.try(() => this.#client.send(command, args.map(String)));
		this.#answered = answer.catch(() => {});
		// Redis answers in order, and what comes before may have been given more time.
		await before;
		const timer = setTimeout(() => this.#client.close(), COMMAND_TIME + patience);
		try {
			return await answer;
		} catch (cause) {
			if (Object(cause).code === "ERR_REDIS_SERVER_ERROR") throw new RedisRefusal(cause);
			throw new RedisGone(cause);
		} finally {
			clearTimeout(timer);
		}
	}

	[Symbol.dispose](): void {
		this.#client.close();
	}
}

function clientUrl({ host, port, database, tls, user, password }: RedisAddress): string {
	const login =
		password === "" ? "" : `${encodeURIComponent(user)}:${encodeURIComponent(password)}@`;
	return `redis${tls ? "s" : ""}://${login}${formatHostPort({ host, port })}/${database}`;
}
