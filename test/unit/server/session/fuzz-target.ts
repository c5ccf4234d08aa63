import { fillIn, type Input, lineOf } from "./fuzz-inputs.ts";
import { FuzzedServer, FuzzedTransport } from "./fuzzed-server.ts";

export type Enter = (
	server: FuzzedServer,
	id?: string,
	key?: string,
) => FuzzedTransport | Promise<FuzzedTransport>;

/** Delivers a stream whole, byte by byte, or in two pieces. */
export function deliver(transport: FuzzedTransport, stream: Buffer, way: number): void {
	if (way === 0) return transport.hear(stream);
	if (way === 1) {
		for (let i = 0; i < stream.length; i++) transport.hear(stream.subarray(i, i + 1));
		return;
	}
	const cut = way % (stream.length + 1);
	transport.hear(stream.subarray(0, cut));
	transport.hear(stream.subarray(cut));
}

/**
 * A room in which two members go on talking, whatever another client sends. A third one is there
 * to be removed.
 */
export class Target {
	readonly outcomes = new Map<string, number>();
	given = 0;
	#spoken = 0;
	readonly #talker: FuzzedTransport;
	readonly #listener: FuzzedTransport;
	#victim: FuzzedTransport;

	private constructor(
		readonly server: FuzzedServer,
		[talker, listener, victim]: [FuzzedTransport, FuzzedTransport, FuzzedTransport],
	) {
		this.#talker = talker;
		this.#listener = listener;
		this.#victim = victim;
	}

	/** The server keeps its keys in a folder. */
	static async open(folder: string): Promise<Target> {
		const server = new FuzzedServer(folder);
		const enter = (name: string) => FuzzedTransport.member(server, name);
		return new Target(server, [
			await enter("talker"),
			await enter("listener"),
			await enter("victim"),
		]);
	}

	/** `isSlow`: the server ends its turn after each input, and not only after the last one. */
	async suffer(enter: Enter, inputs: Input[], way: number, isSlow: boolean): Promise<void> {
		// A minute later, so that no earlier login counts against this one.
		this.server.now += 61_000;
		await this.#restoreVictim();
		const mailed = await this.server.mailCode("fuzz@gmail.com");
		const transport = await enter(this.server);
		for (const each of inputs) {
			if (transport.ended) break;
			const { visits } = this.#listener;
			const line = lineOf(transport, fillIn(each, { visits, mailed }));
			deliver(transport, Buffer.from(`${line}\n`, "latin1"), way);
			this.given++;
			if (isSlow) await this.server.settle();
		}
		await this.server.settle();
		this.#count(transport);
		transport.hangUp();
		await this.#expectUndisturbed();
	}

	/** Lets the victim in again, with a voice. */
	async #restoreVictim(): Promise<void> {
		const address = "victim@gmail.com";
		this.#talker.say({ type: "unban", address }, { type: "unmute", who: address });
		await this.server.settle();
		if (this.#victim.ended) this.#victim = await FuzzedTransport.member(this.server, "victim");
		await this.server.settle();
		this.#listener.events.length = 0;
	}

	#count({ answers }: FuzzedTransport): void {
		const happened = this.#listener.events.map((type) => `all: ${type}`);
		const closed = this.server.closers.splice(0).map((text) => `closed: ${text}`);
		for (const each of [...answers, ...happened, ...closed]) {
			this.outcomes.set(each, (this.outcomes.get(each) ?? 0) + 1);
		}
	}

	/** The members received every event so far in order, or a transport has thrown. */
	async #expectUndisturbed(): Promise<void> {
		const text = `line ${++this.#spoken}`;
		this.#talker.say({ type: "say", id: `t-${this.#spoken}`, text });
		await this.server.settle();
		const members = [this.#talker, this.#listener, this.#victim].filter(({ ended }) => !ended);
		for (const member of members) {
			if (member.texts.at(-1) !== text) throw new Error("a member was disturbed");
			for (const heard of [
				member.answers,
				member.tokens,
				member.lines,
				member.events,
				member.texts,
			])
				heard.length = 0;
		}
		if (this.#talker.ended || this.#listener.ended) throw new Error("a member was let go");
		if (this.server.warnings.length > 0) throw new Error(this.server.warnings.join());
		if (this.server.context.sessionIds.size !== members.length)
			throw new Error("a session was left over");
	}
}
