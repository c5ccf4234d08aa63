import { join } from "../../../lib/client/net/join.ts";
import { KnownServers } from "../../../lib/client/net/known-servers.ts";
import { Membership } from "../../../lib/client/net/membership.ts";
import { ServerList } from "../../../lib/client/net/server-list.ts";
import { ConfigDir } from "../../../lib/client/util/config-dir.ts";
import { KeyFolder } from "../../../lib/wire/keys/key-folder.ts";
import type { Say, Tell } from "../../../lib/wire/messages/messages.ts";
import { addressOf, PASSWORD } from "../../support/mailbox.ts";
import { Bot, type Json } from "../../support/programs.ts";
import { visitsIn } from "../../support/visits.ts";

/** Where members connect to. */
export interface Entry {
	readonly port: number;
	/** Path of a folder for session keys, shared with the server unless all goes over TLS. */
	readonly keys: string;
	/** Of the certificate, for TLS. */
	readonly fingerprint?: string;
}

/** A member that talks, and records what it said and what it received. */
export abstract class Talker implements AsyncDisposable {
	/** The ids of all messages it sent. */
	readonly #ids = new Set<string>();
	/** Messages without an echo so far, in the order it sent them. */
	readonly unechoed = new Map<string, Say | Tell>();
	/** Everybody's visit, by name: nobody joins or leaves once the storm has begun. */
	readonly visits = new Map<string, string>();
	/** Public messages in the order they came, as lines that must be equal for all members. */
	readonly said: string[] = [];
	readonly told: string[] = [];
	/** How often it came back, and how many messages the server reported as lost. */
	returns = 0;
	lost = 0;
	/** Messages that no member should receive: a leave, a refusal, the end of the room. */
	readonly surprises: string[] = [];
	#isLeaving = false;

	constructor(readonly name: string) {}

	say(message: Say | Tell): void {
		this.#ids.add(message.id);
		this.unechoed.set(message.id, message);
		this.send(message);
	}

	/** Says goodbye: again if it is back, as a goodbye into a connection that broke is heard by nobody. */
	leave(): void {
		this.#isLeaving = true;
		this.send({ type: "leave" });
	}

	abstract send(message: Say | Tell | { type: "leave" }): void;
	/** Takes what has arrived, for a kind of talker that is not told by itself. */
	abstract read(): void;
	abstract [Symbol.asyncDispose](): PromiseLike<void>;

	protected take(heard: Json | { type: string }): void {
		const { type } = heard;
		const { seq, from, to, id, text, lost, code }: Record<string, unknown> = { ...heard };
		if (type === "said" || type === "told") {
			if (from === this.name) this.unechoed.delete(String(id));
			const list = type === "said" ? this.said : this.told;
			list.push(JSON.stringify(type === "said" ? [seq, from, id, text] : [from, to, id, text]));
		} else if (type === "welcome" || type === "joined") {
			for (const [name, visit] of visitsIn({ ...heard })) this.visits.set(name, visit);
		} else if (type === "online") {
			this.returns++;
			this.lost += Number(lost);
			if (this.#isLeaving) this.leave();
		} else if (code === "already_said" && this.#ids.has(String(id))) {
			// As good as an echo of a message sent again; `count` checks who received it.
			this.unechoed.delete(String(id));
		} else if (!["pong", "pending", "offline", "away", "back"].includes(type)) {
			this.surprises.push(JSON.stringify(heard));
		}
	}
}

interface Manner {
	/**
	 * Whether it waits for the first `pong` after a break, as the client does. Until then, an echo
	 * may be in the replay. Neither way may anything be said twice.
	 */
	readonly waitsForPong: boolean;
}

/** The client's own membership, in this process. */
export class LocalTalker extends Talker {
	readonly #membership: Membership;
	readonly #manner: Manner;
	/** It is back, and waits for the `pong`. */
	#isCatchingUp = false;

	constructor(name: string, membership: Membership, manner: Manner) {
		super(name);
		this.#membership = membership;
		this.#manner = manner;
		this.take(membership.welcome);
		void this.#listen();
	}

	static async enter(entry: Entry, name: string, manner: Manner): Promise<LocalTalker> {
		const credentials = { name, email: addressOf(name), password: PASSWORD };
		const { port, keys, fingerprint } = entry;
		const fingerprints = fingerprint === undefined ? [] : [fingerprint];
		const servers = new ServerList([{ host: "127.0.0.1", port, fingerprints }], {
			keys: fingerprint === undefined ? new KeyFolder(keys) : undefined,
			knownServers: new KnownServers(new ConfigDir({ XDG_CONFIG_HOME: keys })),
		});
		const target = { servers };
		const logIn = (): Promise<null> => Promise.resolve(null);
		const persistence = { patience: 600_000, logIn };
		const membership = new Membership(target, await join(target, credentials), persistence);
		return new LocalTalker(name, membership, manner);
	}

	send(message: Say | Tell | { type: "leave" }): void {
		if (!this.#isCatchingUp || message.type === "leave") this.#membership.send(message);
	}

	read(): void {}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#membership.close();
	}

	async #listen(): Promise<void> {
		try {
			for await (const heard of this.#membership) {
				this.take(heard);
				if (heard.type === "online") this.#isCatchingUp = true;
				const isReady = heard.type === (this.#manner.waitsForPong ? "pong" : "online");
				if (!this.#isCatchingUp || !isReady) continue;
				this.#isCatchingUp = false;
				for (const message of this.unechoed.values()) this.send(message);
			}
		} catch (error) {
			this.surprises.push(String(error));
		}
	}
}

/** `bun client.ts --json`, which sends unechoed messages again after a break. */
export class ProcessTalker extends Talker {
	readonly #bot: Bot;
	#at = 0;

	constructor(name: string, bot: Bot) {
		super(name);
		this.#bot = bot;
	}

	static async enter({ port, keys, fingerprint }: Entry, name: string): Promise<ProcessTalker> {
		const address = `127.0.0.1:${port}${fingerprint === undefined ? "" : `#${fingerprint}`}`;
		const args = [address, "--keys", keys, "--name", name, "--email", addressOf(name)];
		// What it remembers of servers is gone with the keys.
		const env = { FERNET_CHAT_PASSWORD: PASSWORD, XDG_CONFIG_HOME: keys };
		const bot = Bot.program(args, env);
		await bot.waitFor({ type: "welcome" });
		return new ProcessTalker(name, bot);
	}

	[Symbol.asyncDispose](): PromiseLike<void> {
		return this.#bot[Symbol.asyncDispose]();
	}

	/** The client adds the visit of the member meant. */
	send({ type, ...message }: Say | Tell | { type: "leave" }): void {
		this.#bot.send({ type, ...message, visit: undefined });
	}

	read(): void {
		const end = this.#bot.out.lastIndexOf("\n") + 1;
		const lines = this.#bot.out.slice(this.#at, end).split("\n");
		this.#at = end;
		for (const line of lines) if (line !== "") this.#hear(JSON.parse(line));
	}

	#hear(heard: Json): void {
		if (heard.type !== "failed" || heard.code !== "no_echo") return this.take(heard);
		// On a slow machine an echo may come too late; a bot then sends the same id again.
		const message = this.unechoed.get(String(heard.id));
		if (message) this.send(message);
	}
}
