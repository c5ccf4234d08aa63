import { Channel } from "../../../lib/wire/crypto/channel.ts";
import { type ClientMessage, readClientMessage } from "../../../lib/wire/messages/messages.ts";
import { readHello } from "../../../lib/wire/transport/hello.ts";
import { sessionLines } from "../../../lib/wire/transport/server-line.ts";
import { eventually } from "../../support/eventually.ts";
import type { Json } from "../../support/programs.ts";

type Session = { channel?: Channel<Json> };
type Socket = Bun.ServerWebSocket<Session>;

/** A real server's page, and behind it a server that answers what a test wants, and checks nothing. */
export class ScriptedSite implements AsyncDisposable {
	/** What pages have sent, but for the question how to log in. */
	readonly asked: ClientMessage[] = [];
	/** The answer to each type of message; what has none waits until `answer` is called. */
	answers: Record<string, Json> = {};
	methods: readonly string[] = ["password"];
	verifier = "gmail.com";
	/** Takes no connection for now. */
	isShut = false;
	/** How many connections it did not take. */
	refused = 0;
	readonly #site: Bun.Server<Session>;
	#waiting: Socket | undefined;

	/** `page`: where the real page is. */
	constructor(page: URL) {
		this.#site = Bun.serve<Session>({
			hostname: "127.0.0.1",
			port: 0,
			fetch: async (request, server) => {
				const { pathname } = new URL(request.url);
				if (pathname !== "/socket") {
					const file = await fetch(new URL(pathname, page));
					const headers = ["Content-Type", "Content-Security-Policy"];
					return new Response(await file.bytes(), {
						headers: headers.map((name) => [name, file.headers.get(name) ?? ""]),
					});
				}
				if (!this.isShut && server.upgrade(request, { data: {} })) return undefined;
				this.refused++;
				return new Response("shut", { status: 503 });
			},
			websocket: { message: (socket, line) => this.#hear(socket, String(line)) },
		});
	}

	get url(): string {
		return this.#site.url.href;
	}

	/** How many messages of a type have come. */
	count(type: string): number {
		return this.asked.filter((message) => message.type === type).length;
	}

	async waitForCount(type: string, count: number): Promise<void> {
		await eventually(`${count} of ${type}`, () => this.count(type) >= count);
	}

	/** Answers the latest message that got no answer. */
	answer(message: Json): void {
		if (!this.#waiting) throw new Error("no message waits for an answer");
		this.#tell(this.#waiting, message);
	}

	#hear(socket: Socket, line: string): void {
		const { channel } = socket.data;
		if (!channel) {
			socket.data.channel = new Channel(readHello(line).key ?? "");
			return;
		}
		for (const envelope of channel.open(line)) {
			const message = readClientMessage(envelope);
			if (message.type === "login_methods") {
				const { methods, verifier } = this;
				this.#tell(socket, { type: "login_methods", methods, verifier, version: "1.0.0" });
				continue;
			}
			this.asked.push(message);
			const answer = this.answers[message.type];
			if (answer) this.#tell(socket, answer);
			else this.#waiting = socket;
		}
	}

	#tell(socket: Socket, message: Json): void {
		const { channel } = socket.data;
		if (!channel) return;
		channel.add(message);
		for (const line of String(sessionLines(channel.seal())).trimEnd().split("\n"))
			socket.send(line);
		if (message.type !== "welcome") socket.close();
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#site.stop(true);
	}
}
