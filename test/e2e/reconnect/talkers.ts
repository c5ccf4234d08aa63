import { join } from "../../../lib/client/net/join.ts";
import { KnownServers } from "../../../lib/client/net/known-servers.ts";
import type { Membership } from "../../../lib/client/net/membership.ts";
import { ConfigDir } from "../../../lib/client/util/config-dir.ts";
import { KeyFolder } from "../../../lib/wire/key-folder.ts";
import type { Say, Tell } from "../../../lib/wire/messages.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import type { Bot, Json, Stage } from "../../support/programs.ts";

/** A member that talks, and keeps account of what it said and what it heard. */
export abstract class Talker {
	/** The ids of all that it said. */
	readonly #ids = new Set<string>();
	/** What it said and has no echo of, in the order it was said. */
	readonly unechoed = new Map<string, Say | Tell>();
	/** Lines to all, each as everybody must have it, in the order they were heard. */
	readonly said: string[] = [];
	readonly told: string[] = [];
	/** Times that it came back, and messages that nobody could bring back to it. */
	returns = 0;
	lost = 0;
	/** What no member should hear: that somebody left, that it was refused, that it is over. */
	readonly surprises: string[] = [];

	constructor(readonly name: string) {}

	say(message: Say | Tell): void {
		this.#ids.add(message.id);
		this.unechoed.set(message.id, message);
		this.send(message);
	}

	abstract send(message: Say | Tell | { type: "leave" }): void;
	/** Takes what has come, where that does not happen by itself. */
	abstract read(): void;

	protected take(heard: Json | { type: string }): void {
		const { type } = heard;
		const { seq, from, to, id, text, lost, code }: Record<string, unknown> = { ...heard };
		if (type === "said" || type === "told") {
			if (from === this.name) this.unechoed.delete(String(id));
			const list = type === "said" ? this.said : this.told;
			list.push(JSON.stringify(type === "said" ? [seq, from, id, text] : [from, to, id, text]));
		} else if (type === "refused" && code === "already_said") {
			this.unechoed.delete(String(id));
		} else if (type === "online") {
			this.returns++;
			this.lost += Number(lost);
		} else if (code === "already_said" && this.#ids.has(String(id))) {
			// As good as an echo of what was sent again after a break; who heard it is counted.
			this.unechoed.delete(String(id));
		} else if (!["joined", "pending", "offline", "away", "back", "welcome"].includes(type)) {
			this.surprises.push(JSON.stringify(heard));
		}
	}
}

/** The client's own membership, in this process. */
export class LocalTalker extends Talker {
	readonly #membership: Membership;

	constructor(name: string, membership: Membership) {
		super(name);
		this.#membership = membership;
		void this.#listen();
	}

	static async enter(stage: Stage, port: number, name: string): Promise<LocalTalker> {
		const credentials = { name, email: `${name}@gmail.com`, password: PASSWORD };
		const endpoint = { host: "127.0.0.1", port, fingerprint: undefined };
		const target = {
			endpoint,
			keys: new KeyFolder(stage.keys),
			knownServers: new KnownServers(new ConfigDir({})),
		};
		return new LocalTalker(name, await join(target, credentials));
	}

	send(message: Say | Tell | { type: "leave" }): void {
		this.#membership.send(message);
	}

	read(): void {}

	async #listen(): Promise<void> {
		try {
			for await (const heard of this.#membership) {
				this.take(heard);
				if (heard.type !== "online") continue;
				for (const message of this.unechoed.values()) this.send(message);
			}
		} catch (error) {
			this.surprises.push(String(error));
		}
	}
}

/** `bun client.ts --json`, which sends again by itself. */
export class ProcessTalker extends Talker {
	readonly #bot: Bot;
	#at = 0;

	constructor(name: string, bot: Bot) {
		super(name);
		this.#bot = bot;
	}

	static async enter(stage: Stage, port: number, name: string): Promise<ProcessTalker> {
		const bot = stage.bot(name, PASSWORD, port);
		await bot.waitFor({ type: "welcome" });
		return new ProcessTalker(name, bot);
	}

	send(message: Say | Tell | { type: "leave" }): void {
		this.#bot.send({ ...message });
	}

	read(): void {
		const end = this.#bot.out.lastIndexOf("\n") + 1;
		const lines = this.#bot.out.slice(this.#at, end).split("\n");
		this.#at = end;
		for (const line of lines) if (line !== "") this.#hear(JSON.parse(line));
	}

	#hear(heard: Json): void {
		if (heard.type !== "failed" || heard.code !== "no_echo") return this.take(heard);
		// On a slow machine an echo may take too long; the same id again is what a bot then sends.
		const message = this.unechoed.get(String(heard.id));
		if (message) this.send(message);
	}
}
