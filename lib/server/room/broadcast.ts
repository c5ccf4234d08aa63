import { generateKey } from "../../wire/crypto/fernet.ts";
import { RoomKey } from "../../wire/crypto/room-key.ts";
import type { Batch } from "../room-state/history-entry.ts";
import type { Member } from "../room-state/member.ts";

/**
 * Sends all that happens in one turn, usually as one token, the same for every member who is
 * connected here, under a key that exactly its readers know. A member who joins gets a key that
 * opened nothing before; a member who leaves has none that opens what follows.
 */
export class Broadcast {
	/** Newcomers get the next one: this one is for members whom an earlier server let in. */
	#key = new RoomKey(1, generateKey());
	/** Somebody who has left knows the current key. */
	#isKeyRetired = false;

	/** The current key, for a member who may read what comes next. */
	get key(): { epoch: number; key: string } {
		const { epoch, key } = this.#key;
		return { epoch, key };
	}

	/**
	 * Somebody who knows the key must read no more under it. All who leave before the next `send`
	 * share one new key.
	 */
	retireKey(): void {
		this.#isKeyRetired = true;
	}

	/**
	 * Sends batches to their readers. With `hasNewcomers`, the last one holds the key of all that
	 * follows, which the newcomers get too.
	 */
	send(batches: readonly Batch[], readers: readonly Member[], hasNewcomers: boolean): void {
		if (this.#isKeyRetired) this.#rekey(readers);
		const next = hasNewcomers ? this.#key.next() : this.#key;
		if (readers.length > 0) {
			const last = hasNewcomers ? batches.at(-1) : undefined;
			const lines = batches.map((batch) => {
				const { seq, at, events } = batch;
				const head =
					batch === last ? { seq, at, next: { epoch: next.epoch, key: next.key } } : { seq, at };
				return this.#key.seal(head, events, readers.length);
			});
			// Writing costs more than sealing: the two parts of what a crowd's joining tells go as one.
			if (hasNewcomers) lines.push(Buffer.concat(lines.splice(-2)));
			for (const line of lines) for (const member of readers) member.link?.sendRaw(line);
		}
		this.#key = next;
	}

	#rekey(readers: readonly Member[]): void {
		this.#isKeyRetired = false;
		this.#key = this.#key.next();
		for (const member of readers) member.send({ type: "rekey", ...this.key });
	}
}
