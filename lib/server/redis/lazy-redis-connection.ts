import type { RedisAddress } from "./redis-address.ts";
import { RedisConnection, RedisGone } from "./redis-connection.ts";

/**
 * Sends commands over one connection, which is opened when it is needed, and anew once it has ended.
 * A command is sent once, or not at all: none is kept for later.
 */
export class LazyRedisConnection implements Disposable {
	readonly #address: RedisAddress;
	#connection: Promise<RedisConnection> | null = null;
	#isClosed = false;

	constructor(address: RedisAddress) {
		this.#address = address;
	}

	/** Throws as RedisConnection does. */
	async send(command: string, args: readonly (string | number)[]): Promise<unknown> {
		if (this.#isClosed) throw new RedisGone();
		// All who come meanwhile wait for the same one, and fail with it.
		this.#connection ??= this.#open();
		return (await this.#connection).send(command, args);
	}

	async #open(): Promise<RedisConnection> {
		try {
			const connection = await RedisConnection.open(this.#address);
			void connection.ended.then(() => {
				this.#connection = null;
			});
			return connection;
		} catch (error) {
			this.#connection = null;
			throw error;
		}
	}

	[Symbol.dispose](): void {
		this.#isClosed = true;
		void this.#connection?.then(
			(connection) => connection[Symbol.dispose](),
			() => {},
		);
	}
}
