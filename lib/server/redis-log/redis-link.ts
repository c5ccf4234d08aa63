import type { Fernet } from "../../wire/crypto/fernet.ts";
import type { RedisAddress } from "../redis/redis-address.ts";
import { RedisConnection, RedisGone } from "../redis/redis-connection.ts";
import { askServer, whyUnfit } from "../redis/redis-server.ts";
import { RedisStream } from "./redis-stream.ts";

/** A server that is reached, but cannot keep a room, perhaps only for now. */
export class RedisUnfit extends RedisGone {
	readonly why: string;

	constructor(why: string) {
		super();
		this.why = why;
	}
}

type Connections = [RedisConnection, RedisConnection, RedisConnection];

/**
 * Three connections to one Redis: reading waits there, and a snapshot is large, so that either would hold
 * up whatever came after it.
 */
export class RedisLink implements Disposable {
	readonly reader: RedisStream;
	readonly writer: RedisStream;
	/** For snapshots, and for dropping what they replace. */
	readonly archive: RedisStream;
	readonly connection: RedisConnection;
	/** Another one for each start of Redis. */
	readonly runId: string;
	/** Resolves when any connection has ended. */
	readonly ended: Promise<void>;
	isEnded = false;
	readonly #connections: readonly RedisConnection[];

	private constructor([reads, writes, archives]: Connections, runId: string, fernet: Fernet) {
		this.#connections = [reads, writes, archives];
		this.reader = new RedisStream(reads, fernet);
		this.writer = new RedisStream(writes, fernet);
		this.archive = new RedisStream(archives, fernet);
		this.connection = writes;
		this.runId = runId;
		this.ended = Promise.race(this.#connections.map(({ ended }) => ended)).then(() => {
			this.isEnded = true;
		});
	}

	/** Throws RedisGone, RedisUnfit and RedisRefusal. */
	static async open(address: RedisAddress, fernet: Fernet): Promise<RedisLink> {
		using opened = new DisposableStack();
		const connections: Connections = [
			opened.use(await RedisConnection.open(address)),
			opened.use(await RedisConnection.open(address)),
			opened.use(await RedisConnection.open(address)),
		];
		const first = await askServer(connections[0]);
		const why = whyUnfit(first);
		if (why) throw new RedisUnfit(why);
		for (const connection of connections.slice(1)) {
			// It was started again in between, or one name leads to two.
			if ((await askServer(connection)).runId !== first.runId) throw new RedisGone();
		}
		opened.move();
		return new RedisLink(connections, first.runId, fernet);
	}

	[Symbol.dispose](): void {
		for (const connection of this.#connections) connection[Symbol.dispose]();
	}
}
