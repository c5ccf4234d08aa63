import { EventLog } from "../../lib/server/log.ts";
import { type Member, Room } from "../../lib/server/room.ts";
import { Fernet } from "../../lib/wire/fernet.ts";
import {
	type Batch,
	type RoomEvent,
	readBatch,
	readServerMessage,
	type ServerMessage,
} from "../../lib/wire/messages.ts";

/**
 * A member that hears the room as a client must: it opens what comes with the newest key it was
 * told and no other, and will have each event once and in order. Anything else throws.
 */
export class Ear implements Member {
	readonly account: string;
	since = 0;
	/** Under the session key, and under the room key, each in order. */
	readonly told: ServerMessage[] = [];
	readonly lines: Buffer[] = [];
	readonly events: RoomEvent[] = [];
	/** The codes it was dismissed with. */
	readonly dismissed: string[] = [];
	/** Every key it was ever told. */
	readonly keys: { epoch: number; key: string }[] = [];
	/** The last event it knows of. */
	seq = 0;
	/** Who is here, as far as it was told. */
	members: string[] = [];
	/** Its connection breaks at the next thing it is sent. */
	isBreaking = false;

	constructor(
		readonly scene: Scene,
		readonly name: string,
		account = name,
	) {
		this.account = `${account}@gmail.com`;
	}

	tell(message: ServerMessage): void {
		this.told.push(readServerMessage(message));
		if (message.type === "welcome" || message.type === "rekey") this.#learn(message);
		if (message.type === "welcome") {
			this.seq = message.seq;
			this.members = [...message.members];
		}
		this.#breakNow();
	}

	deliver(line: Buffer): void {
		this.lines.push(line);
		const [, epoch, token = ""] = /^(\d+) (\S+)\n$/.exec(line.toString("latin1")) ?? [];
		const key = this.keys.at(-1);
		if (!key || Number(epoch) !== key.epoch) throw new Error(`no key of epoch ${epoch} in force`);
		const { events, next } = open(token, key.key);
		for (const event of events) this.#hear(event);
		if (next) this.#learn(next);
		this.#breakNow();
	}

	/** As a session does: the connection ends, and with it the place in the room. */
	dismiss(code: string): void {
		this.dismissed.push(code);
		this.scene.room.leave(this);
	}

	/** What was told under the session key, of one type. */
	toldOf<T extends ServerMessage["type"]>(type: T): Extract<ServerMessage, { type: T }>[] {
		return this.told.filter((message) => message.type === type) as Extract<
			ServerMessage,
			{ type: T }
		>[];
	}

	/** The texts it has heard. */
	get texts(): string[] {
		return this.events.flatMap((event) => (event.type === "said" ? [event.text] : []));
	}

	/** Whether any key it was ever told opens a line, whatever epoch the line names. */
	canOpen(line: Buffer): boolean {
		const token = line.toString("latin1").trim().split(" ")[1] ?? "";
		return this.keys.some(({ key }) => {
			try {
				return open(token, key).events.length > 0;
			} catch {
				return false;
			}
		});
	}

	#learn({ epoch, key }: { epoch: number; key: string }): void {
		const newest = this.keys.at(-1)?.epoch ?? 0;
		if (epoch <= newest) throw new Error(`epoch ${epoch} after ${newest}`);
		this.keys.push({ epoch, key });
	}

	#hear(event: RoomEvent): void {
		if (event.seq !== this.seq + 1) throw new Error(`event ${event.seq} after ${this.seq}`);
		this.seq = event.seq;
		this.events.push(event);
		if (event.type === "said") return;
		const isHere = this.members.includes(event.name);
		if (isHere !== (event.type === "left")) throw new Error(`${event.name} ${event.type} again`);
		if (event.type === "joined") this.members.push(event.name);
		else this.members = this.members.filter((name) => name !== event.name);
	}

	#breakNow(): void {
		if (!this.isBreaking) return;
		this.isBreaking = false;
		this.scene.room.leave(this);
	}
}

function open(token: string, key: string): Batch {
	return readBatch(JSON.parse(Buffer.from(new Fernet(key).decrypt(token)).toString()));
}

/** Remembers everything. */
class WholeLog extends EventLog {
	readonly events: RoomEvent[] = [];

	override append(event: RoomEvent, account: string): void {
		this.events.push(event);
		super.append(event, account);
	}
}

/** A room whose time and turns a test controls. */
export class Scene {
	now = 1000;
	/** How often the room has ended, and how often it has asked for the end of a turn. */
	ended = 0;
	asked = 0;
	readonly room: Room;
	readonly #log = new WholeLog(10_000, Number.MAX_SAFE_INTEGER);
	readonly #flushes: (() => void)[] = [];
	#ids = 0;

	constructor(maxMembers = 100) {
		this.room = new Room({
			log: this.#log,
			maxMembers,
			now: () => this.now,
			atEndOfTurn: (flush) => {
				this.asked++;
				this.#flushes.push(flush);
			},
			onEmpty: () => {
				this.ended++;
			},
		});
	}

	/** Everything that has happened, as the room's log has it. */
	get events(): RoomEvent[] {
		return this.#log.events;
	}

	/** Ends the turn. What the end of it brings about belongs to the next. */
	turn(): void {
		for (const flush of this.#flushes.splice(0)) flush();
	}

	join(name: string, account = name): Ear {
		const ear = new Ear(this, name, account);
		ear.since = this.now;
		const obstacle = this.room.obstacle(ear);
		if (obstacle) throw new Error(obstacle.code);
		this.room.join(ear);
		return ear;
	}

	/** A room with these members, welcomed one after the other. */
	static of(...names: string[]): { scene: Scene; ears: Ear[] } {
		const scene = new Scene();
		const ears = names.map((name) => {
			const ear = scene.join(name);
			scene.turn();
			return ear;
		});
		return { scene, ears };
	}

	say(ear: Ear, text: string, id = `id-${++this.#ids}`): void {
		this.room.say(ear, id, text);
	}
}
