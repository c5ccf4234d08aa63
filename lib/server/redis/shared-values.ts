import { createHmac, hkdfSync } from "node:crypto";
import { errorMessage } from "../../util/errors.ts";
import { Fernet } from "../../wire/crypto/fernet.ts";
import { InvalidToken } from "../../wire/crypto/fernet-rules.ts";
import { StoreUnavailable } from "../storage/store-unavailable.ts";
import type { LazyRedisConnection } from "./lazy-redis-connection.ts";
import { RedisGone, RedisRefusal } from "./redis-connection.ts";

interface SharedValuesOptions {
	readonly redis: LazyRedisConnection;
	/** Returns the Fernet key that all servers of the room share; called once, when it is needed. */
	readonly readKey: () => string;
	/** For the operator's log. */
	readonly warn: (sentence: string) => void;
}

/** A value as it was read, to be replaced only by somebody who has read it. */
export interface SharedValue<T> {
	/** Undefined for none. */
	readonly value: T | undefined;
	/** By Redis' clock, in milliseconds since 1970: whatever clocks the servers have, they agree on it. */
	readonly now: number;
	/** What Redis holds; empty for nothing. */
	readonly token: string;
}

const READ = `local time = redis.call("TIME")
return {time[1], time[2], redis.call("GET", KEYS[1]) or ""}`;
/** Sealed values differ even if what they hold does not: one that is the same was not changed. */
const REPLACE = `if (redis.call("GET", KEYS[1]) or "") ~= ARGV[1] then return 0 end
if ARGV[2] == "" then redis.call("DEL", KEYS[1])
elseif ARGV[3] == "0" then redis.call("SET", KEYS[1], ARGV[2])
else redis.call("SET", KEYS[1], ARGV[2], "PX", ARGV[3]) end
return 1`;

/**
 * What the servers of a room share in Redis beside the room's log. Whoever reads it there without the
 * room's key learns neither what it is about nor what it says. All throw StoreUnavailable.
 */
export class SharedValues {
	readonly #redis: LazyRedisConnection;
	readonly #warn: (sentence: string) => void;
	readonly #readKey: () => string;
	#keys: { readonly mac: Uint8Array; readonly fernet: Fernet } | undefined;
	/** What was last wrong; undefined while all is well. */
	#fault: string | undefined;

	constructor({ redis, readKey, warn }: SharedValuesOptions) {
		this.#redis = redis;
		this.#readKey = readKey;
		this.#warn = warn;
	}

	/** The name in Redis for what is kept about something. */
	nameOf(kind: string, ...about: readonly string[]): string {
		return `fc:{room}:${this.mac(kind, ...about)}`;
	}

	/** Tells texts from others without saying what they are. */
	mac(...texts: readonly string[]): string {
		return createHmac("sha256", this.#derived.mac)
			.update(JSON.stringify(texts))
			.digest("base64url");
	}

	async read<T>(name: string): Promise<SharedValue<T>> {
		const [seconds, microseconds, token] = (await this.run(READ, [name])) as [
			string,
			string,
			string,
		];
		const now = Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000);
		return {
			value: token === "" ? undefined : (this.#open(name, token) as T | undefined),
			now,
			token,
		};
	}

	/**
	 * Replaces a value in one step, or deletes it if there is to be none. Returns false if another
	 * server was faster. `lifetime` is in milliseconds, and 0 for ever.
	 */
	async replace<T>(
		name: string,
		{ token }: SharedValue<T>,
		value: T | undefined,
		lifetime: number,
	): Promise<boolean> {
		const next =
			value === undefined ? "" : this.#derived.fernet.encrypt(JSON.stringify({ name, value }));
		return (await this.run(REPLACE, [name], [token, next, lifetime])) === 1;
	}

	/** Runs a script, all of it before anything else in Redis. */
	async run(
		script: string,
		names: readonly string[],
		args: readonly (string | number)[] = [],
	): Promise<unknown> {
		try {
			const answer = await this.#redis.send("EVAL", [script, names.length, ...names, ...args]);
			this.#fault = undefined;
			return answer;
		} catch (error) {
			if (!(error instanceof RedisGone || error instanceof RedisRefusal)) throw error;
			throw this.#unavailable(error);
		}
	}

	/** Each fault is worth one line in the log, however many meet it. */
	#unavailable(error: Error): StoreUnavailable {
		const fault = errorMessage(error);
		if (fault !== this.#fault) {
			this.#warn(`Cannot ask Redis about logins, bans and devices: ${fault}`);
		}
		this.#fault = fault;
		return new StoreUnavailable(error);
	}

	/** What is damaged, or was moved here from elsewhere, counts as nothing. */
	#open(name: string, token: string): unknown {
		try {
			const sealed = JSON.parse(this.#derived.fernet.decrypt(token).toString());
			if (sealed.name === name) return sealed.value;
		} catch (error) {
			if (!(error instanceof InvalidToken)) throw error;
		}
		this.#warn("A value in Redis about bans or devices is damaged, and counts as deleted.");
		return undefined;
	}

	get #derived(): { readonly mac: Uint8Array; readonly fernet: Fernet } {
		this.#keys ??= deriveKeys(this.#readKey());
		return this.#keys;
	}
}

function deriveKeys(key: string): { mac: Uint8Array; fernet: Fernet } {
	const derive = (purpose: string): Uint8Array =>
		new Uint8Array(hkdfSync("sha256", Buffer.from(key, "base64url"), "", purpose, 32));
	const sealKey = derive("fernet-chat: values in Redis").toBase64({ alphabet: "base64url" });
	return { mac: derive("fernet-chat: names in Redis"), fernet: new Fernet(sealKey) };
}
