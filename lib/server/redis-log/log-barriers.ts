import { RedisGone } from "../redis/redis-connection.ts";
import type { LogCursor } from "./log-cursor.ts";
import type { RedisStream } from "./redis-stream.ts";

/** What is to be done once everything has been read that the log held when it was asked for. */
export class LogBarriers {
	/** Of these we have yet to find out how far we must read. */
	readonly #asking: (() => void)[] = [];
	readonly #waiting: { readonly id: string; readonly actions: readonly (() => void)[] }[] = [];

	add(action: () => void): void {
		this.#asking.push(action);
	}

	/** Throws RedisGone and RedisRefusal; what waits then goes on waiting. */
	async ask(stream: RedisStream): Promise<void> {
		const { length } = this.#asking;
		if (length === 0) return;
		const id = await stream.lastId();
		if (id === null) throw new RedisGone();
		this.#waiting.push({ id, actions: this.#asking.splice(0, length) });
	}

	/** Does what need not wait any longer. */
	release(cursor: LogCursor): void {
		for (let [next] = this.#waiting; next && cursor.hasReached(next.id); [next] = this.#waiting) {
			this.#waiting.shift();
			for (const action of next.actions) action();
		}
	}
}
