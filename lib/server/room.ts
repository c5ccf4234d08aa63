import { RoomKey } from "../wire/channel.ts";
import { generateKey } from "../wire/fernet.ts";
import type { Batch, RoomEvent, ServerMessage } from "../wire/messages.ts";
import type { EventLog } from "./log.ts";

/** A member as the room knows it: somebody whose login the server has verified, and a way to them. */
export interface Member {
	readonly name: string;
	/** The canonical address: one account, one member. */
	readonly account: string;
	/** When the login was verified, milliseconds since 1970. */
	readonly since: number;
	/** Under this member's session key. */
	tell(message: ServerMessage): void;
	/** A line under the room key, the same bytes for every member. */
	deliver(line: Buffer): void;
	/** The room has no more place for this member: says why and hangs up. */
	dismiss(code: string, text: string): void;
}

export interface RoomOptions {
	readonly log: EventLog;
	readonly maxMembers: number;
	/** Milliseconds since 1970. */
	readonly now: () => number;
	/** Has `flush` called once, when what this turn of the event loop brings has been heard. */
	readonly atEndOfTurn: (flush: () => void) => void;
	/** The last member has left. */
	readonly onEmpty: () => void;
}

/** Characters after which a batch is closed: JSON may spell one in six bytes, base64 three in four. */
const BATCH_CHARS = 96 * 1024;

/**
 * Who is in the room, in what order things happened, and under which key they are told. Whoever
 * joins gets a key that opened nothing before; whoever leaves knows none that opens what follows.
 */
export class Room {
	readonly #options: RoomOptions;
	/** By name, as the eye reads it. Who is still joining holds a name but hears nothing yet. */
	readonly #byName = new Map<string, Member>();
	/** By account, in the order they came. */
	readonly #byAccount = new Map<string, Member>();
	readonly #joining = new Set<Member>();
	/** Said goodbye, and still to hear what this turn brings. */
	readonly #leaving = new Set<Member>();
	#events: RoomEvent[] = [];
	#seq = 0;
	/** Nobody has key 0, so nothing is ever said under it. */
	#key = new RoomKey(0, generateKey());
	/** Somebody who has left knows the key in force. */
	#keyIsStale = false;
	#flushing = false;

	constructor(options: RoomOptions) {
		this.#options = options;
	}

	get size(): number {
		return this.#byAccount.size;
	}

	/** Why this member cannot come in, or null. The account's own older connection is no obstacle. */
	obstacle(member: Member): { code: string; text: string } | null {
		const holder = this.#byName.get(skeleton(member.name));
		if (holder && holder.account !== member.account) {
			return {
				code: "name_taken",
				text: `the name ${holder.name} is taken, and ${member.name} looks like it; choose another`,
			};
		}
		if (this.#byAccount.size >= this.#options.maxMembers && !this.#byAccount.has(member.account)) {
			return { code: "room_full", text: "the room is full; try again when somebody has left" };
		}
		return null;
	}

	/** Lets a member in that has no obstacle; `welcome` comes at the end of this turn. */
	join(member: Member): void {
		const older = this.#byAccount.get(member.account);
		if (older) {
			this.#remove(older);
			older.dismiss("replaced", "this account has joined from another place");
		}
		this.#byName.set(skeleton(member.name), member);
		this.#byAccount.set(member.account, member);
		this.#joining.add(member);
		this.#happened({ type: "joined", ...this.#stamp(), name: member.name }, member.account);
	}

	/** Lets a member go who has said goodbye: at the end of this turn, having heard all of it. */
	depart(member: Member): void {
		this.#leaving.add(member);
		this.#flushSoon();
	}

	/** A member's connection is gone. */
	leave(member: Member): void {
		if (this.#byAccount.get(member.account) !== member) return;
		this.#remove(member);
		if (this.#byAccount.size === 0) this.#options.onEmpty();
	}

	/** Says a text once: an id that this account has said already is not said again. */
	say(member: Member, id: string, text: string): void {
		if (this.#options.log.hasSaid(member.account, id)) return;
		const event = { type: "said" as const, ...this.#stamp(), from: member.name, id, text };
		this.#happened(event, member.account);
	}

	/** Who is here, and since when (milliseconds since 1970), in the order they came. */
	roster(): { name: string; since: number }[] {
		return [...this.#byAccount.values()].map(({ name, since }) => ({ name, since }));
	}

	/**
	 * Tells this turn's events as one token under a key that exactly its readers know. Whoever's
	 * connection breaks while it is told leaves in the next turn: what is told here is settled first.
	 */
	flush(): void {
		this.#flushing = false;
		const members = [...this.#byAccount.values()];
		const readers = members.filter((member) => !this.#joining.has(member));
		const newcomers = [...this.#joining];
		this.#joining.clear();
		const leavers = [...this.#leaving];
		this.#leaving.clear();
		const events = this.#events;
		this.#events = [];
		const seq = this.#seq;

		if (this.#keyIsStale) this.#rekey(readers);
		const nextKey = newcomers.length > 0 ? this.#key.next() : this.#key;
		this.#tell(readers, events, nextKey);
		this.#key = nextKey;
		const { epoch, key } = nextKey;
		const names = members.map(({ name }) => name);
		for (const member of newcomers) {
			const { name } = member;
			member.tell({ type: "welcome", name, epoch, key, seq, members: names });
		}
		for (const member of leavers) member.dismiss("left", "you have left the room");
	}

	#rekey(readers: Member[]): void {
		this.#keyIsStale = false;
		this.#key = this.#key.next();
		const { epoch, key } = this.#key;
		for (const member of readers) member.tell({ type: "rekey", epoch, key });
	}

	#tell(readers: Member[], events: RoomEvent[], { epoch, key }: RoomKey): void {
		const batches: Batch[] = split(events).map((events) => ({ events }));
		const last = batches.at(-1);
		if (last && epoch !== this.#key.epoch) last.next = { epoch, key };
		for (const batch of batches) {
			const line = this.#key.seal(batch);
			for (const member of readers) member.deliver(line);
		}
	}

	#remove(member: Member): void {
		this.#byName.delete(skeleton(member.name));
		this.#byAccount.delete(member.account);
		// One that was not welcomed yet never had a key.
		if (!this.#joining.delete(member)) this.#keyIsStale = true;
		this.#happened({ type: "left", ...this.#stamp(), name: member.name }, member.account);
	}

	#stamp(): { seq: number; at: number } {
		return { seq: ++this.#seq, at: this.#options.now() };
	}

	#happened(event: RoomEvent, account: string): void {
		this.#options.log.append(event, account);
		this.#events.push(event);
		this.#flushSoon();
	}

	#flushSoon(): void {
		if (this.#flushing) return;
		this.#flushing = true;
		this.#options.atEndOfTurn(() => this.flush());
	}
}

/** What a name looks like: names that are one to the eye have one skeleton. */
export function skeleton(name: string): string {
	return name
		.toLowerCase()
		.replaceAll(/[i1]/g, "l")
		.replaceAll("0", "o")
		.replaceAll("5", "s")
		.replaceAll("m", "rn")
		.replaceAll("w", "vv")
		.replaceAll(/[_.]/g, "-");
}

function split(events: RoomEvent[]): RoomEvent[][] {
	const batches: RoomEvent[][] = [];
	let chars = BATCH_CHARS;
	for (const event of events) {
		if (chars >= BATCH_CHARS) {
			batches.push([]);
			chars = 0;
		}
		batches.at(-1)?.push(event);
		chars += 128 + (event.type === "said" ? event.text.length : 0);
	}
	return batches;
}
