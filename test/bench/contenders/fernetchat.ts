import { existsSync } from "node:fs";
import { randomId } from "../../../lib/util/random-id.ts";
import { Fernet, generateKey } from "../../../lib/wire/crypto/fernet.ts";
import { KeyFolder } from "../../../lib/wire/keys/key-folder.ts";
import { hello } from "../../../lib/wire/transport/hello.ts";
import { LineReader } from "../../../lib/wire/transport/line-reader.ts";
import { MAX_SERVER_LINE, readServerLine } from "../../../lib/wire/transport/server-line.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Stage } from "../../support/programs.ts";
import { inflated, WireReader } from "../../support/wire-reader.ts";
import type { Member } from "../member.ts";
import type { Read } from "../stream.ts";
import { MARK } from "../texts.ts";
import { type Contender, lastLine, lineReader, type Packing } from "./contender.ts";

/** No limit is off; these are raised for a crowd that comes from one address. */
const LIMITS = {
	"max-members": 10_000,
	"max-per-address": 10_000,
	"max-strangers": 1024,
	"message-rate": 1_000_000,
	"message-burst": 1_000_000,
	"queue-bytes": 64 * 1024 * 1024,
	"idle-time": 3600,
	// The tests' mailbox delays each login by a tenth of a second, and shares a process with the crowd.
	"gmail-checks": 256,
	"gmail-time": 50,
};

/** For a server that a crowd joins. */
export const FLAGS = Object.entries(LIMITS).flatMap(([name, most]) => [`--${name}`, String(most)]);

/**
 * Memory, if the machine shows it as a folder. Where many files were deleted a moment ago, as by the
 * round before, a filesystem without a journal takes up to a millisecond to make another.
 */
const KEYS_IN = "/dev/shm";
const STAGE = existsSync(KEYS_IN) ? { keysIn: KEYS_IN } : {};

interface Session {
	readonly id: string;
	readonly fernet: Fernet;
	n: number;
	said: number;
}

/** In a token, at most. */
const MAX_MESSAGES = 64;
/** The text of an event, which has no character that JSON would write otherwise. */
const TEXT = /"text":"([^"]*)"/g;

/** `bun server.ts` in a process of its own, and the mailbox with which it checks logins. */
export class FernetChat implements Contender {
	readonly isShared = true;
	readonly isEncrypted: boolean;
	readonly #stage: Stage;
	readonly #keys: KeyFolder;
	readonly #sessions: Session[] = [];
	/** Reads what member 0 receives: its latest room key is the one in force. */
	#reader: WireReader | undefined;

	private constructor(stage: Stage, isEncrypted: boolean) {
		this.#stage = stage;
		this.isEncrypted = isEncrypted;
		this.#keys = new KeyFolder(stage.keys);
	}

	static async open(...flags: string[]): Promise<FernetChat> {
		return new FernetChat(await Stage.openWith(STAGE, ...FLAGS, ...flags), false);
	}

	static async openEncrypted(): Promise<FernetChat> {
		return new FernetChat(await Stage.openWith(STAGE, "--tls", ...FLAGS), true);
	}

	get pid(): number {
		return this.#stage.server.pid;
	}

	get port(): number {
		return this.#stage.port;
	}

	async enter(member: Member, i: number): Promise<void> {
		const key = generateKey();
		const session = { id: randomId(), fernet: new Fernet(key), n: 0, said: 0 };
		this.#sessions[i] = session;
		if (!this.isEncrypted) this.#keys.save(session.id, key);
		const line = this.isEncrypted ? hello(session.id, key) : hello(session.id);
		const login = { name: `m${i}`, email: `m${i}@gmail.com`, password: PASSWORD };
		member.write(Buffer.from(`${line}\n`));
		member.write(this.#sealed(session, JSON.stringify({ type: "login", ...login })));
		await member.hears("0 ");
		if (i > 0) return;
		const lines = new LineReader(MAX_SERVER_LINE);
		const reader = new WireReader(session.fernet);
		this.#reader = reader;
		const witness = (chunk: Buffer): void => {
			lines.push(chunk, (line) => {
				for (const { type, text } of reader.read(line).messages) {
					if (type === "denied") throw new Error(String(text));
				}
			});
		};
		witness(member.tail);
		member.onHeard = witness;
	}

	isMarked(tail: Buffer): boolean {
		const line = lastLine(tail);
		// Member 0 may receive the key later than others receive the mark.
		const isKnown = line !== null && readServerLine(line)?.epoch === this.#reader?.roomKey?.epoch;
		return isKnown && this.#texts(line).includes(MARK);
	}

	say(i: number, text: string): Uint8Array {
		return this.packing.pack(i, this.packing.message(i, text));
	}

	/** In as few tokens as the client needs for what it has to say in a turn. */
	readonly packing = {
		most: MAX_MESSAGES,
		message: (i: number, text: string): Buffer => {
			const message = { type: "say", id: `${this.#session(i).said++}`, text };
			return Buffer.from(`${JSON.stringify(message)},`);
		},
		/** All of them, but for the comma behind the last. */
		pack: (i: number, messages: Buffer): Buffer =>
			this.#sealed(this.#session(i), messages.toString("latin1", 0, messages.length - 1)),
	} satisfies Packing;

	reader(): Read {
		return lineReader((line) => this.#texts(line));
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#stage[Symbol.asyncDispose]();
	}

	#session(i: number): Session {
		const session = this.#sessions[i];
		if (!session) throw new Error(`member ${i} has not come in`);
		return session;
	}

	/** `messages` are JSON already. */
	#sealed(session: Session, messages: string): Buffer {
		const json = `{"n":${session.n++},"messages":[${messages}]}`;
		return Buffer.from(`${session.fernet.encrypt(json)}\n`, "latin1");
	}

	#texts(line: string): string[] {
		const { epoch, token = "" } = readServerLine(line) ?? {};
		if (epoch !== this.#reader?.roomKey?.epoch) throw new Error(`a line of epoch ${epoch}`);
		const bytes = this.#reader?.roomKey?.fernet.decrypt(token) ?? new Uint8Array();
		const json = inflated(bytes).toString("latin1");
		// Of each contender, the generator takes no more apart than it needs to find the texts.
		return Array.from(json.matchAll(TEXT), ([, text = ""]) => text);
	}
}
