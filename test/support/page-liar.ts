import { Channel } from "../../lib/wire/crypto/channel.ts";
import { Fernet, generateKey } from "../../lib/wire/crypto/fernet.ts";
import { type ClientMessage, readClientMessage } from "../../lib/wire/messages/messages.ts";
import { readHello } from "../../lib/wire/transport/hello.ts";
import { sessionLines } from "../../lib/wire/transport/server-line.ts";
import type { BrowserContext } from "./browser.ts";
import type { Json } from "./programs.ts";

type Answer = (question: ClientMessage) => readonly Json[] | undefined;

/** Stands in a server's place for one page, and tells it what a test wants, true or not. */
export class PageLiar {
	readonly #answer: Answer;
	readonly #roomKey = generateKey();
	#channel: Channel<{ type: string }> | undefined;
	#send = (_line: string): void => {};
	#seq = 0;

	private constructor(answer: Answer) {
		this.#answer = answer;
	}

	/** `answer` may answer a question in the place of what an honest server says. */
	static async meet(context: BrowserContext, answer: Answer): Promise<PageLiar> {
		const liar = new PageLiar(answer);
		await context.routeWebSocket(/\/socket$/, (socket) => {
			let channel: Channel<{ type: string }> | undefined;
			const send = (line: string): void => {
				for (const each of line.trimEnd().split("\n")) socket.send(each);
			};
			socket.onMessage((line) => {
				if (!channel) {
					channel = new Channel(readHello(String(line)).key ?? "");
					return;
				}
				liar.#channel = channel;
				liar.#send = send;
				for (const message of channel.open(String(line))) liar.#hear(readClientMessage(message));
			});
		});
		return liar;
	}

	/** Sends messages under the session key, in one token. */
	tell(...messages: readonly Json[]): void {
		for (const message of messages) this.#channel?.add(message);
		this.#send(String(sessionLines(this.#channel?.seal() ?? [])));
	}

	/** Sends events in one token under the room key, correctly numbered. */
	batch(...events: Json[]): void {
		const batch = { seq: this.#seq + 1, at: Date.now(), events };
		this.#seq += events.length;
		this.#send(`1 ${new Fernet(this.#roomKey).encrypt(JSON.stringify(batch))}\n`);
	}

	#hear(message: ClientMessage): void {
		this.tell(...(this.#answer(message) ?? this.#honestAnswer(message)));
	}

	#honestAnswer(message: ClientMessage): Json[] {
		switch (message.type) {
			case "login_methods":
				return [
					{ type: "login_methods", methods: ["password"], verifier: "gmail.com", version: "1.0.0" },
				];
			case "login": {
				const { name } = message;
				const room = { epoch: 1, key: this.#roomKey, seq: 0, members: [[name, "1"]] };
				return [{ type: "welcome", name, ...room, resume: "0".repeat(32), grace: 0 }];
			}
			case "ping":
				return [{ type: "pong" }];
			default:
				return [];
		}
	}
}
