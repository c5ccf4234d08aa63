import type { Contender } from "./contenders/contender.ts";
import { Member } from "./member.ts";
import { PackedScript, PreparedScript, type Script } from "./script.ts";
import { Stream } from "./stream.ts";
import { type Kind, MARK, textOf } from "./texts.ts";
import { cpuSeconds } from "./usage.ts";

/** Members who talk; the others listen. */
const SENDERS = 32;
/** Members who join at the same time. */
const ENTERING = 512;
/** Milliseconds between two looks at whether a member has received the mark. */
const LOOK = 5;
/** Milliseconds after which a run fails. */
const PATIENCE = 180_000;

/** What a run delivered, and what that took. */
export interface Run {
	readonly deliveries: number;
	readonly seconds: number;
	/** Of the server's process alone. */
	readonly cpuSeconds: number;
	/** What one member received. */
	readonly bytes: number;
}

/** What it took to say one text after the other. */
export interface Exchange {
	/** Milliseconds from each text until the last member had it. */
	readonly took: readonly number[];
	/** Bytes for one text, to the server and to each member. */
	readonly sent: number;
	readonly received: number;
}

/** All members of one room, in this process. They check everything that they receive. */
export class Crowd implements Disposable {
	readonly #contender: Contender;
	readonly #kind: Kind;
	readonly #members: Member[] = [];
	/** How many texts each sender has said. */
	readonly #said: number[];
	readonly #failure = Promise.withResolvers<never>();

	private constructor(contender: Contender, size: number, kind: Kind) {
		this.#contender = contender;
		this.#kind = kind;
		this.#said = Array(Math.min(SENDERS, size)).fill(0);
		// Between two runs nobody waits for a failure, and it must not end the process.
		this.#failure.promise.catch(() => {});
	}

	/**
	 * Brings `size` members into the room, and waits until each has received the mark. Waits
	 * for `isAlone` while only one member is there.
	 */
	static async gather(
		contender: Contender,
		size: number,
		kind: Kind = "prose",
		isAlone: () => Promise<void> = async () => {},
	): Promise<Crowd> {
		const crowd = new Crowd(contender, size, kind);
		await crowd.#unlessFailed(crowd.#enter(0));
		await isAlone();
		let next = 1;
		const enterMore = async (): Promise<void> => {
			while (next < size) await crowd.#enter(next++);
		};
		await crowd.#unlessFailed(Promise.all(Array.from({ length: ENTERING }, enterMore)));
		crowd.#members[0]?.write(contender.say(0, MARK));
		await crowd.#unlessFailed(crowd.#isMarked());
		return crowd;
	}

	/** Each sender says `texts`, at most `window` ahead of its echoes; all receive them all. */
	async closedLoop(texts: number, window: number): Promise<Run> {
		const scripts = this.#scripts(texts);
		const total = texts * scripts.length;
		const { promise: done, resolve } = Promise.withResolvers<void>();
		let waiting = this.#members.length;
		for (const [i, member] of this.#members.entries()) {
			const script = scripts[i];
			member.onHeard = () => {
				if (script) member.write(script.take(echoes(member, i)));
				if (member.hasHeard(total) && --waiting === 0) resolve();
			};
		}
		const cpu = cpuSeconds(this.#contender.pid);
		const began = performance.now();
		for (const [i, script] of scripts.entries()) this.#members[i]?.write(script.take(window));
		await this.#unlessFailed(done);
		return {
			deliveries: total * this.#members.length,
			seconds: (performance.now() - began) / 1000,
			cpuSeconds: cpuSeconds(this.#contender.pid) - cpu,
			bytes: this.#members[0]?.received ?? 0,
		};
	}

	/**
	 * The senders say `rate` texts a second in turn, whatever comes back. Returns for each text
	 * the milliseconds from when it was due until the last member received it.
	 */
	async openLoop(texts: number, rate: number): Promise<number[]> {
		const scripts = this.#scripts(texts);
		const total = texts * scripts.length;
		const { promise: done, resolve } = Promise.withResolvers<void>();
		const latencies: number[] = [];
		const waiting: number[] = Array(total).fill(this.#members.length);
		const began = performance.now();
		const due = (index: number): number => began + (index * 1000) / rate;
		for (const member of this.#members) {
			member.onHeard = () => {
				const now = performance.now();
				member.pass((from, nth) => {
					const index = nth * scripts.length + from;
					waiting[index] = (waiting[index] ?? 0) - 1;
					if (waiting[index] === 0) latencies.push(now - due(index));
				});
				if (latencies.length === total) resolve();
			};
		}
		let said = 0;
		const timer = setInterval(() => {
			for (; said < total && performance.now() >= due(said); said++) {
				const i = said % scripts.length;
				this.#members[i]?.write(scripts[i]?.take(1) ?? Buffer.alloc(0));
			}
		}, 1);
		await this.#unlessFailed(done).finally(() => clearInterval(timer));
		return latencies;
	}

	/** Each says `texts` in turn, one when all have heard the last. */
	async oneByOne(texts: number): Promise<Exchange> {
		const scripts = this.#scripts(texts);
		const total = texts * scripts.length;
		const took: number[] = [];
		for (let said = 0; said < total; said++) {
			const { promise: heard, resolve } = Promise.withResolvers<void>();
			let waiting = this.#members.length;
			for (const member of this.#members) {
				member.onHeard = () => {
					if (member.hasHeard(said + 1) && --waiting === 0) resolve();
				};
			}
			const sender = said % scripts.length;
			const began = performance.now();
			this.#members[sender]?.write(scripts[sender]?.take(1) ?? Buffer.alloc(0));
			await this.#unlessFailed(heard);
			took.push(performance.now() - began);
			// So that the server is idle again.
			await Bun.sleep(1);
		}
		const sent = scripts.reduce((sum, { taken }) => sum + taken, 0) / total;
		return { took, sent, received: (this.#members[0]?.received ?? 0) / total };
	}

	[Symbol.dispose](): void {
		for (const member of this.#members) member.close();
	}

	async #enter(i: number): Promise<void> {
		const member = await Member.connect(this.#contender, this.#failure.reject);
		this.#members[i] = member;
		await this.#contender.enter(member, i);
	}

	async #isMarked(): Promise<void> {
		for (const [i, member] of this.#members.entries()) {
			while (!this.#contender.isMarked(member.tail, i)) await Bun.sleep(LOOK);
		}
	}

	/** Prepares what the senders say in a run, and makes every member expect it. */
	#scripts(texts: number): Script[] {
		const { isShared } = this.#contender;
		const first = [...this.#said];
		const common = new Stream(this.#contender.reader(0), first, this.#kind);
		for (const [i, member] of this.#members.entries()) {
			member.follow(isShared ? common : new Stream(this.#contender.reader(i), first, this.#kind));
		}
		return this.#said.map((from, i) => {
			this.#said[i] = from + texts;
			const numbers = Array.from({ length: texts }, (_, k) => from + k);
			const lines = numbers.map((k) => textOf(i, k, this.#kind));
			const { packing } = this.#contender;
			if (!packing) return new PreparedScript(lines.map((text) => this.#contender.say(i, text)));
			const messages = lines.map((text) => packing.message(i, text));
			return new PackedScript(new PreparedScript(messages), packing, i);
		});
	}

	async #unlessFailed<T>(work: Promise<T>): Promise<T> {
		const { promise, reject } = Promise.withResolvers<never>();
		const late = setTimeout(() => reject(new Error("not everything was heard")), PATIENCE);
		try {
			return await Promise.race([work, this.#failure.promise, promise]);
		} finally {
			clearTimeout(late);
		}
	}
}

/** How many of its own texts a member has received since the last call. */
function echoes(member: Member, i: number): number {
	let count = 0;
	member.pass((from) => {
		if (from === i) count++;
	});
	return count;
}
