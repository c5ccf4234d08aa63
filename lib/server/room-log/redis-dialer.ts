import type { Fernet } from "../../wire/crypto/fernet.ts";
import { formatRedisUrl, type RedisAddress } from "../redis/redis-address.ts";
import { RedisGone, RedisRefusal } from "../redis/redis-connection.ts";
import { whyNotDurable } from "../redis/redis-server.ts";
import { whyUnreachable } from "../redis/why-unreachable.ts";
import { RedisLink, RedisUnfit } from "./redis-link.ts";

export interface DialerOptions {
	readonly address: RedisAddress;
	/** Of the key that all servers of the room share. */
	readonly fernet: Fernet;
	/** For the operator's log. */
	readonly warn: (sentence: string) => void;
}

/** Whether Redis may do what it failed to do when it is asked again. */
export const isPassing = (error: unknown): boolean =>
	error instanceof RedisGone || error instanceof RedisRefusal;

/** Connects to Redis again and again, and knows whether it is still what it was. */
export class RedisDialer {
	readonly #options: DialerOptions;
	/** Of the Redis that we know. */
	#runId: string;
	/** Whether its next start has everything that it has taken. */
	#isDurable: boolean;
	#isUnreachable = false;

	constructor(options: DialerOptions, first: RedisLink, isDurable: boolean) {
		this.#options = options;
		this.#runId = first.runId;
		this.#isDurable = isDurable;
	}

	/** The start of Redis that the room must not outlive; undefined if the next one has everything. */
	get run(): string | undefined {
		return this.#isDurable ? undefined : this.#runId;
	}

	/**
	 * `verify` is called with whether Redis certainly has everything that it took. The operator learns
	 * why it is out of reach. Throws RedisGone, RedisRefusal, and what `verify` throws.
	 */
	async dial(verify: (link: RedisLink, isSure: boolean) => Promise<void>): Promise<RedisLink> {
		const { address, fernet, warn } = this.#options;
		try {
			using opened = new DisposableStack();
			const link = opened.use(await RedisLink.open(address, fernet));
			await verify(link, link.runId === this.#runId || this.#isDurable);
			const isDurable = (await whyNotDurable(link.connection)) === null;
			this.#runId = link.runId;
			this.#isDurable = isDurable;
			if (this.#isUnreachable) warn(`Redis at ${formatRedisUrl(address)} is there again.`);
			this.#isUnreachable = false;
			opened.move();
			return link;
		} catch (error) {
			if (isPassing(error)) await this.#report(error);
			throw error;
		}
	}

	async #report(error: unknown): Promise<void> {
		if (this.#isUnreachable) return;
		this.#isUnreachable = true;
		const { address, warn } = this.#options;
		const why = error instanceof RedisUnfit ? error.why : await whyUnreachable(address);
		const place = formatRedisUrl(address);
		warn(`Redis at ${place} is out of reach. ${why} What anybody says waits until it is there.`);
	}
}
