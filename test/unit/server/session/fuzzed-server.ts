import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { BanList } from "../../../../lib/server/accounts/ban-list.ts";
import { Authenticator } from "../../../../lib/server/auth/authenticator.ts";
import { GmailVerifier } from "../../../../lib/server/auth/gmail-verifier.ts";
import { ACCEPTED, type LoginResult } from "../../../../lib/server/auth/login-result.ts";
import { KeyPoller } from "../../../../lib/server/keys/key-poller.ts";
import { LIMITS, type Limits } from "../../../../lib/server/limits/limits.ts";
import { Logger } from "../../../../lib/server/log/logger.ts";
import { Moderation } from "../../../../lib/server/moderation/moderation.ts";
import { JoinBatcher } from "../../../../lib/server/room/join-batcher.ts";
import { Room } from "../../../../lib/server/room/room.ts";
import { MemoryLog } from "../../../../lib/server/room-log/memory-log.ts";
import type { ServerContext, Transport } from "../../../../lib/server/session/context.ts";
import { Session } from "../../../../lib/server/session/session.ts";
import { EndOfTurn, type Flushable } from "../../../../lib/util/end-of-turn.ts";
import { randomId } from "../../../../lib/util/random-id.ts";
import { Fernet, generateKey } from "../../../../lib/wire/crypto/fernet.ts";
import { KeyFolder } from "../../../../lib/wire/keys/key-folder.ts";
import { LOGIN_METHODS } from "../../../../lib/wire/messages/login-methods.ts";
import { readServerMessage } from "../../../../lib/wire/messages/messages.ts";
import { readClearError } from "../../../../lib/wire/transport/hello.ts";
import { LineReader } from "../../../../lib/wire/transport/line-reader.ts";
import type { Json } from "../../../support/programs.ts";
import { WireReader } from "../../../support/wire-reader.ts";
import { clockOf } from "../room/witness.ts";

/** A mailbox that accepts every login. */
class OpenGmail extends GmailVerifier {
	override verify(): Promise<LoginResult> {
		return Promise.resolve(ACCEPTED);
	}
}

/** Keeps the last code instead of mailing it. */
class OpenMailer {
	code = "";

	hasRoomFor(): boolean {
		return true;
	}

	async send({ code }: { code: string }): Promise<void> {
		this.code = code;
	}
}

/** Owners, so that nobody can remove them from a room. */
const OWNERS = new Set(["talker@gmail.com", "listener@gmail.com", "owner@gmail.com"]);

/** The end of a turn, when a test says so. */
class Turns extends EndOfTurn {
	#scheduled: Flushable[] = [];

	override schedule(item: Flushable): void {
		this.#scheduled.push(item);
	}

	end(): void {
		// Includes what the flushing itself schedules.
		for (const item of this.#scheduled) item.flush();
		this.#scheduled = [];
	}
}

/** More turns of the microtask queue than a login takes to be checked and let in. */
const TICKS = 20;

const entries = Object.entries(LIMITS).map(([name, limit]) => [name, limit.default]);

const LENIENT: Limits = {
	...Object.fromEntries(entries),
	messageRate: 1_000_000,
	messageBurst: 1_000_000,
	accountLogins: 1_000_000,
	addressLogins: 1_000_000,
	...{ accountCodes: 1_000_000, addressCodes: 1_000_000, codes: 1_000_000 },
	maxMembers: 50,
	grace: 0,
};

/** A server without sockets, whose turns end when a test says so. */
export class FuzzedServer {
	readonly warnings: string[] = [];
	/** Why the room was closed, each time that an owner asked for it: here it goes on. */
	readonly closers: string[] = [];
	readonly context: ServerContext;
	now = 1_700_000_000_000;
	/** How far the wall clock is ahead, in milliseconds. */
	wallAhead = 0;
	/** What transports do in a later turn. */
	readonly ready: (() => void)[] = [];
	readonly #turns = new Turns();
	readonly #mailer: OpenMailer;

	/** Keeps its keys in a folder. */
	constructor(
		readonly folder: string,
		changed: Partial<Limits> = {},
	) {
		const limits = { ...LENIENT, ...changed };
		const keys = new KeyFolder(folder);
		const now = () => this.now;
		const clocks = { now, wallNow: () => this.now + this.wallAhead };
		const nowhere = { host: "127.0.0.1", port: 1, secure: false };
		const bans = new BanList(join(folder, `state-${randomId()}`), () => {});
		const warn = (sentence: string) => void this.warnings.push(sentence);
		const moderation = new Moderation({ bans, devices: null, warn });
		const room: Room = new Room({
			settings: {
				...{
					emailVisibility: "full",
					maxMembers: limits.maxMembers,
					grace: limits.grace * 1000,
					stay: false,
				},
				...{ desertedGrace: 120_000, awayAfter: 15_000, owners: [...OWNERS] },
				...{ newcomerEvents: 0, logEvents: 1000, logBytes: 1024 * 1024, lease: null },
			},
			roomLog: new MemoryLog(clockOf(clocks)),
			...{ fullCode: "room_full", motd: undefined, moderation, now },
			atEndOfTurn: (flush) => this.#turns.schedule({ flush }),
			log: (entry) => this.context.logger.log(entry),
			onEnd: ({ code, text }) => {
				if (code === "room_closed") this.closers.push(text);
			},
			onStart: () => {},
			onFailure: (error) => {
				throw error;
			},
		});
		this.#mailer = new OpenMailer();
		this.context = {
			room,
			authenticator: new Authenticator({
				verifier: new OpenGmail(nowhere, limits),
				allow: null,
				bans,
				devices: null,
				owners: OWNERS,
				methods: LOGIN_METHODS,
				mailer: this.#mailer,
				limits,
				now,
			}),
			devices: null,
			keys,
			keyPoller: new KeyPoller(keys),
			limits,
			joins: new JoinBatcher(
				() => room.size,
				(step) => step(),
			),
			sessionIds: new Set(),
			...clocks,
			endOfTurn: this.#turns,
			verifier: "gmail.com",
			logger: new Logger("json", (line) => this.#read(line), clocks),
		};
	}

	/** The operator's log: every entry is one line of JSON. */
	#read(line: string): boolean {
		const { event } = JSON.parse(line);
		const isPlain = /^[ -~]+$/.test(line);
		if (event === "error" || event === "warning" || !isPlain) this.warnings.push(line);
		return true;
	}

	/** Has a code mailed, and waits for the mail. */
	async mailCode(email: string): Promise<{ ticket: string; code: string }> {
		const result = await this.context.authenticator.requestCode(email, "127.0.0.1");
		if (!result.accepted) throw new Error(result.text);
		await new Promise((resolve) => setImmediate(resolve));
		return { ticket: result.ticket, code: this.#mailer.code };
	}

	/** Lets the server answer a login, and ends the turn. */
	async settle(): Promise<void> {
		for (let i = 0; i < TICKS; i++) await Promise.resolve();
		this.#turns.end();
		for (let action = this.ready.shift(); action; action = this.ready.shift()) {
			action();
			this.#turns.end();
		}
	}
}

/** One connection and what it was told, opened as a client must be able to open it. */
export class FuzzedTransport implements Transport {
	readonly ip = "127.0.0.1";
	readonly isEncrypted = false;
	readonly fernet: Fernet;
	/** The types, or clear codes, of everything it was told. */
	readonly answers: string[] = [];
	/** Its messages under the session key, token by token, and the types of each batch. */
	readonly tokens: Json[][] = [];
	readonly lines: string[] = [];
	/** The types of everything that happened in the room, and the texts said there. */
	readonly events: string[] = [];
	readonly texts: string[] = [];
	/** The visits of the members that it has heard of. */
	visits = new Map<string, string>();
	ended = false;
	n = 0;
	/** The last token that it has sealed. */
	sealed = "";
	readonly #key: string;
	readonly #session: Session;
	readonly #lines = new LineReader(LENIENT.loginLine);
	readonly #reader: WireReader;
	#seq: number | undefined;

	constructor(
		readonly server: FuzzedServer,
		readonly id = randomId(),
		key = generateKey(),
	) {
		this.fernet = new Fernet(key);
		this.#reader = new WireReader(this.fernet);
		this.#key = key;
		this.#session = new Session(this, server.context);
	}

	/** A connection that has sent its hello. */
	static greeting(server: FuzzedServer, id?: string, key?: string): FuzzedTransport {
		const transport = new FuzzedTransport(server, id, key);
		transport.saveKey();
		transport.give(`FERNET-CHAT/1 ${transport.id}`);
		return transport;
	}

	static async member(
		server: FuzzedServer,
		name: string,
		id?: string,
		key?: string,
	): Promise<FuzzedTransport> {
		const transport = FuzzedTransport.greeting(server, id, key);
		const email = `${name}@gmail.com`;
		transport.say({ type: "login", name, email, password: "x" });
		await server.settle();
		if (!transport.answers.includes("welcome")) throw new Error(`not let in: ${transport.answers}`);
		return transport;
	}

	/** Puts its key where the server looks for it. */
	saveKey(): void {
		writeFileSync(join(this.server.folder, `${this.id}.key`), this.#key, { mode: 0o600 });
	}

	/** What has to wait because it came too fast is carried out as far as it may be by now. */
	carryOut(): void {
		this.#session.carryOut();
	}

	/** A token with a count and whatever a test puts beside it. */
	seal(contents: object): string {
		const now = Math.floor(this.server.now / 1000);
		this.sealed = this.fernet.encrypt(JSON.stringify({ n: this.n++, ...contents }), { now });
		return this.sealed;
	}

	/** Sends messages in one token. */
	say(...messages: unknown[]): void {
		this.give(this.seal({ messages }));
	}

	give(line: string): void {
		this.hear(Buffer.from(`${line}\n`));
	}

	/** Receives bytes as from a socket. */
	hear(chunk: Buffer): void {
		if (this.ended) return;
		this.#session.runIsolated(() => this.#lines.push(chunk, (line) => this.#session.receive(line)));
	}

	hangUp(): void {
		this.ended = true;
		this.#session.onClosed();
	}

	setMaxLine(bytes: number): void {
		this.#lines.limit = bytes;
	}

	send(bytes: Buffer): void {
		if (this.ended) return;
		for (const line of bytes.toString("latin1").slice(0, -1).split("\n")) this.#open(line);
	}

	/** Every transport takes all that it is sent. */
	whenReady(action: () => void): void {
		this.server.ready.push(action);
	}

	abandon(lastWord: Buffer): void {
		this.end(lastWord);
	}

	endPatiently(lastWord: Buffer): void {
		this.end(lastWord);
	}

	end(lastWord: Buffer): void {
		this.send(lastWord);
		this.ended = true;
	}

	/** Throws for anything that breaks the wire format. */
	#open(line: string): void {
		const clear = readClearError(line);
		if (clear) return void this.answers.push(`clear ${clear.code}`);
		const { epoch, value, messages } = this.#reader.read(line);
		if (epoch === 0) {
			const told = value.messages as unknown as Json[];
			this.tokens.push(told);
			for (const message of told) this.#told(message);
		} else for (const event of messages) this.#happened(event);
		const types = (epoch === 0 ? this.tokens.at(-1) : messages)?.map(({ type }) => type);
		this.lines.push(`${epoch === 0 ? "alone" : "all"}: ${types?.join()}`);
	}

	#told(value: Json): void {
		const message = readServerMessage(value);
		this.answers.push("code" in message ? `${message.type} ${message.code}` : message.type);
		if (message.type === "welcome") {
			this.#seq = message.seq;
			this.visits = new Map(message.members);
		}
		// The test looks into a replay, which leads up to here.
		if (message.type === "resumed") this.#seq = message.seq;
	}

	#happened({ seq, type, text, name, visit }: Json): void {
		if (this.#seq === undefined || seq !== this.#seq + 1) throw new Error(`${seq}: ${this.#seq}`);
		this.#seq++;
		this.events.push(type);
		if (type === "joined") this.visits.set(String(name), String(visit));
		if (type === "said") this.texts.push(String(text));
	}
}
