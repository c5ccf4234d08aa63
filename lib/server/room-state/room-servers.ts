import type { Entry } from "../room-log/entry.ts";
import type { Stamp } from "../room-log/room-log.ts";

/** What the log shows of one server. */
interface Served {
	/** The number of its last entry, or DEAD. */
	last: number;
	/** When that came, in the log's time, or later if the log was silent for all. */
	heardAt: number;
	/** When it really came, in milliseconds since 1970. */
	readonly at: number;
}

export type RoomServersJson = readonly (readonly [id: string, served: Served])[];

/** In place of the number of its last entry: a server that is gone for good. */
const DEAD = -1;
/** Servers that we remember, most of them dead. */
const MAX_SERVERS = 1000;

/** The servers that serve the room, and those that have served it. */
export class RoomServers {
	readonly #servers: Map<string, Served>;

	constructor(json: RoomServersJson = []) {
		this.#servers = new Map(json.map(([id, served]) => [id, { ...served }]));
	}

	toJSON(): RoomServersJson {
		return Array.from(this.#servers, ([id, served]) => [id, { ...served }] as const);
	}

	/** Those that may still have connections. */
	get living(): string[] {
		return Array.from(this.#servers).flatMap(([id, { last }]) => (last === DEAD ? [] : [id]));
	}

	/** The number of a server's last entry; 0 if there is none that counts. */
	lastOf(id: string): number {
		return Math.max(0, this.#servers.get(id)?.last ?? 0);
	}

	/** Whether an entry counts. It does not if it came before, or if its server was declared dead. */
	accept({ server, n }: Entry, { at, time }: Stamp): boolean {
		const known = this.#servers.get(server);
		// One that begins in the middle is dead for so long that we have forgotten it.
		const last = known?.last ?? (n === 1 ? 0 : DEAD);
		if (last === DEAD || n <= last) return false;
		this.#servers.set(server, { last: n, heardAt: time, at });
		return true;
	}

	/** Those from which nothing has come for `lease` milliseconds. */
	silent(time: number, lease: number): string[] {
		return this.living.filter((id) => this.isSilent(id, time, lease));
	}

	isSilent(id: string, time: number, lease: number): boolean {
		const heardAt = this.#servers.get(id)?.heardAt ?? time;
		return time - heardAt >= lease;
	}

	/** Whether another server than `id` has been heard in the last `lease` milliseconds before `at`. */
	hasOther(id: string, at: number, lease: number): boolean {
		return this.#servers
			.entries()
			.some(([other, served]) => other !== id && served.last !== DEAD && at - served.at < lease);
	}

	/** Nobody could write to the log for a while: it is nobody's fault. */
	forgiveSilence(time: number): void {
		for (const served of this.#servers.values()) served.heardAt = time;
	}

	declareDead(id: string): void {
		this.#servers.set(id, { last: DEAD, heardAt: 0, at: 0 });
		if (this.#servers.size <= MAX_SERVERS) return;
		const [oldest] = this.#servers.entries().find(([, { last }]) => last === DEAD) ?? [];
		if (oldest !== undefined) this.#servers.delete(oldest);
	}
}
