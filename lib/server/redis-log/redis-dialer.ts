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

/** What we know of a Redis that we reach again. */
export interface KnownRedis {
	/** It has not been started anew. */
	readonly isSameRun: boolean;
	/** It certainly has everything that it took, unless somebody put an old file back. */
	readonly isSure: boolean;
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
	 * `verify` is called with what we know of Redis. The operator learns why it is out of reach. Throws
	 * RedisGone, RedisRefusal, and what `verify` throws.
	 */
	async dial(verify: (link: RedisLink, known: KnownRedis) => Promise<void>): Promise<RedisLink> {
		const { address, fernet } = this.#options;
		try {
			using opened = new DisposableStack();
			const link = opened.use(await RedisLink.open(address, fernet));
			const isSameRun = link.runId === this.#runId;
			await verify(link, { isSameRun, isSure: isSameRun || this.#isDurable });
			const isDurable = (await whyNotDurable(link.connection)) === null;
			this.#runId = link.runId;
			this.#isDurable = isDurable;
			opened.move();
			return link;
		} catch (error) {
			if (isPassing(error)) await this.report(error);
			throw error;
		}
	}

	/** Redis takes nothing: the operator learns why, once. */
	async report(error: unknown): Promise<void> {
		if (this.#isUnreachable) return;
		this.#isUnreachable = true;
		this.#options.warn(
			`Redis at ${this.#place} takes nothing. ${await this.#why(error)} What anybody says waits until it does.`,
		);
	}

	/** Redis has taken something. */
	works(): void {
		if (this.#isUnreachable) this.#options.warn(`Redis at ${this.#place} takes entries again.`);
		this.#isUnreachable = false;
	}

	#why(error: unknown): string | Promise<string> {
		if (error instanceof RedisUnfit) return error.why;
		if (error instanceof RedisRefusal) return `It says: ${error.message}.`;
		return whyUnreachable(this.#options.address);
	}

	get #place(): string {
		return formatRedisUrl(this.#options.address);
	}
}
