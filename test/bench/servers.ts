#!/usr/bin/env bun
// What one room costs on one, two and three servers that share Redis, beside one in memory: each
// server has as many members. Usage: bun test/bench/servers.ts [ROUNDS [MEMBERS]]

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openRedisLog } from "../../lib/server/redis-log/open-redis-log.ts";
import { randomId } from "../../lib/util/random-id.ts";
import { Fernet, generateKey } from "../../lib/wire/crypto/fernet.ts";
import { KeyFolder } from "../../lib/wire/keys/key-folder.ts";
import { hello } from "../../lib/wire/transport/hello.ts";
import { LineReader } from "../../lib/wire/transport/line-reader.ts";
import { MAX_SERVER_LINE } from "../../lib/wire/transport/server-line.ts";
import { addressOf, PASSWORD } from "../support/mailbox.ts";
import { Stage } from "../support/programs.ts";
import { Redis } from "../support/redis.ts";
import { WireReader } from "../support/wire-reader.ts";
import { FLAGS } from "./contenders/fernetchat.ts";
import { quantile, ratio, spread } from "./figures.ts";
import { Member } from "./member.ts";
import { SENTENCES } from "./prose.ts";
import { cpuSeconds } from "./usage.ts";

/** How often each room is measured, and the members of each server: the first ones talk, and the very first one reads what they hear. */
const [ROUNDS = 7, MEMBERS = 100] = process.argv.slice(2).map(Number);
const SENDERS = 8;
/** Texts of each sender in a round, and how many may be without an echo. */
const TEXTS = 400;
const IN_FLIGHT = 64;
/** A room that is not busy: texts a second, and how many. */
const QUIET = { rate: 200, texts: 600 };
/** Entries that each server of a log adds, to find its limit. */
const ENTRIES = 3000;

/** A member of one server that talks. */
interface Sender {
	readonly member: Member;
	readonly say: (text: string, id: string) => void;
}

/** One server, its members, and what the first of them has heard. */
class Served implements AsyncDisposable {
	readonly senders: Sender[] = [];
	readonly #members: Member[] = [];
	#isOver = false;
	/** Called with the id of each text. */
	onText: (id: string) => void = () => {};

	private constructor(readonly stage: Stage) {}

	static async open(index: number, flags: readonly string[]): Promise<Served> {
		const served = new Served(await Stage.open(...FLAGS, ...flags));
		for (let i = 0; i < MEMBERS; i++) await served.#enter(`s${index}m${i}`, i);
		return served;
	}

	get cpu(): number {
		return cpuSeconds(this.stage.server.pid);
	}

	async #enter(name: string, i: number): Promise<void> {
		const [id, key] = [randomId(), generateKey()];
		const fernet = new Fernet(key);
		new KeyFolder(this.stage.keys).save(id, key);
		const member = await Member.connect({ port: this.stage.port, isEncrypted: false }, (error) => {
			if (!this.#isOver) throw error;
		});
		this.#members.push(member);
		let n = 0;
		const send = (message: object): void => {
			const json = JSON.stringify({ n: n++, messages: [message] });
			member.write(Buffer.from(`${fernet.encrypt(json)}\n`, "latin1"));
		};
		member.write(Buffer.from(`${hello(id)}\n`));
		send({ type: "login", name, email: addressOf(name), password: PASSWORD });
		await member.hears("0 ");
		if (i < SENDERS) {
			this.senders.push({ member, say: (text, id) => send({ type: "say", id, text }) });
		}
		if (i === 0) this.#witness(member, fernet);
	}

	#witness(member: Member, fernet: Fernet): void {
		const reader = new WireReader(fernet);
		const lines = new LineReader(MAX_SERVER_LINE);
		const read = (chunk: Buffer): void => {
			lines.push(chunk, (line) => {
				for (const { type, id } of reader.read(line).messages) {
					if (type === "said") this.onText(String(id));
				}
			});
		};
		read(member.tail);
		member.onHeard = read;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#isOver = true;
		for (const member of this.#members) member.close();
		await this.stage[Symbol.asyncDispose]();
	}
}

/** A room on several servers; none share it if there is only one without Redis. */
class Room implements AsyncDisposable {
	#texts = 0;

	constructor(
		readonly what: string,
		readonly servers: readonly Served[],
	) {}

	static async open(what: string, count: number, flags: readonly string[]): Promise<Room> {
		const servers: Served[] = [];
		for (let i = 0; i < count; i++) servers.push(await Served.open(i, flags));
		return new Room(what, servers);
	}

	/** Everybody talks as fast as the echoes come. Returns microseconds of servers a delivery. */
	async busy(): Promise<number> {
		const senders = this.servers.flatMap(({ senders }) => senders);
		const total = senders.length * TEXTS;
		const left = new Map<string, { sender: Sender; left: number }>();
		const say = (sender: Sender, remaining: number): void => {
			const id = String(this.#texts++);
			left.set(id, { sender, left: remaining });
			sender.say(SENTENCES[this.#texts % SENTENCES.length] ?? "", id);
		};
		const began = this.servers.map(({ cpu }) => cpu);
		await Promise.all(
			this.servers.map((served, i) => {
				const { promise, resolve } = Promise.withResolvers<void>();
				let heard = 0;
				served.onText = (id) => {
					const said = i === 0 ? left.get(id) : undefined;
					if (said && said.left > 0) say(said.sender, said.left - 1);
					if (++heard === total) resolve();
				};
				if (i === 0) {
					for (const sender of senders) {
						for (let k = 0; k < IN_FLIGHT; k++) {
							say(sender, Math.floor(TEXTS / IN_FLIGHT) - 1 + (k < TEXTS % IN_FLIGHT ? 1 : 0));
						}
					}
				}
				return promise;
			}),
		);
		const spent = this.servers.reduce((sum, { cpu }, i) => sum + cpu - (began[i] ?? 0), 0);
		return (spent * 1e6) / (total * this.servers.length * MEMBERS);
	}

	/** Returns for each text the milliseconds until the last server's members had it. */
	async quiet(): Promise<number[]> {
		const senders = this.servers.flatMap(({ senders }) => senders);
		const due = new Map<string, { at: number; missing: number }>();
		const latencies: number[] = [];
		const { promise, resolve } = Promise.withResolvers<void>();
		for (const served of this.servers) {
			served.onText = (id) => {
				const text = due.get(id);
				if (text && --text.missing === 0) latencies.push(performance.now() - text.at);
				if (latencies.length === QUIET.texts) resolve();
			};
		}
		const began = performance.now();
		let said = 0;
		const timer = setInterval(() => {
			for (; said < QUIET.texts; said++) {
				const at = began + (said * 1000) / QUIET.rate;
				if (performance.now() < at) return;
				const id = String(this.#texts++);
				due.set(id, { at, missing: this.servers.length });
				senders[said % senders.length]?.say(SENTENCES[said % SENTENCES.length] ?? "", id);
			}
		}, 1);
		await promise.finally(() => clearInterval(timer));
		return latencies;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		for (const served of this.servers) await served[Symbol.asyncDispose]();
	}
}

/** Entries a second that this many servers add together, each as fast as it can. */
async function entriesPerSecond(url: RedisPlace, servers: number): Promise<number> {
	const logs = [];
	for (let i = 0; i < servers; i++) {
		const options = { maxBytes: 64 * 1024 * 1024, warn: () => {}, onFailure: () => {} };
		const log = await openRedisLog({ ...url, ...options });
		const { promise, resolve } = Promise.withResolvers<void>();
		let read = 0;
		let own = 0;
		const server = `s${i}`;
		const add = (): void => {
			const message = { type: "say", id: String(own), text: SENTENCES[own % 100] ?? "" } as const;
			const change = { kind: "request", visit: "v", generation: 1, message } as const;
			log.append({ server, n: ++own, changes: [change] });
		};
		log.open({
			restore: () => {},
			snapshot: () => ({}),
			apply: (entry) => {
				// One turn, one entry: the next is made when this one is back.
				if (entry.server === server && own < ENTRIES) setImmediate(add);
				if (++read === ENTRIES * servers) resolve();
			},
		});
		logs.push({ log, promise, add });
	}
	const began = performance.now();
	for (const { add } of logs) for (let k = 0; k < 16; k++) add();
	await Promise.all(logs.map(({ promise }) => promise));
	const seconds = (performance.now() - began) / 1000;
	for (const { log } of logs) await log.remove();
	return (ENTRIES * servers) / seconds;
}

type RedisPlace = Pick<Parameters<typeof openRedisLog>[0], "address" | "key">;

const folder = mkdtempSync(join(tmpdir(), "fernet-chat-bench-"));
await using stack = new AsyncDisposableStack();
stack.defer(() => rmSync(folder, { recursive: true }));
const redis = stack.use(await Redis.start());
const key = join(folder, "room.key");
const open = async (count: number): Promise<Room> => {
	const flags = ["--room", `${redis.url}/${count}`, "--room-key", key];
	const name = `${count} ${count === 1 ? "server" : "servers"}`;
	return stack.use(await Room.open(name, count, flags));
};
const roomInMemory = stack.use(await Room.open("in memory", 1, []));
const all = [roomInMemory, await open(1), await open(2), await open(3)] as const;
const cost = new Map<Room, number[]>(all.map((room) => [room, []]));
const medians = new Map<Room, number[]>(all.map((room) => [room, []]));
for (const room of all) await room.busy();
for (let round = 0; round < ROUNDS; round++) {
	for (const room of round % 2 === 0 ? all : all.toReversed()) {
		cost.get(room)?.push(await room.busy());
		medians.get(room)?.push(quantile(await room.quiet(), 0.5));
	}
}
const [memory, one] = all;
for (const room of all) {
	const [busy, quiet] = [cost.get(room) ?? [], medians.get(room) ?? []];
	const show = ({ median, least, most }: ReturnType<typeof spread>, digits = 3) =>
		`${median.toFixed(digits)} (${least.toFixed(digits)} to ${most.toFixed(digits)})`;
	console.log(room.what);
	console.log(`  us of servers a delivery       ${show(spread(busy))}`);
	console.log(`  beside one server with Redis   ${show(ratio(busy, cost.get(one) ?? []))}`);
	console.log(`  ms at ${QUIET.rate} texts/s, median     ${show(spread(quiet), 2)}`);
	const added = quiet.map((ms, i) => ms - (medians.get(memory)?.[i] ?? Number.NaN));
	console.log(`  ms more than in memory         ${show(spread(added), 2)}`);
}
const address = { host: "127.0.0.1", port: redis.port, tls: false, user: "", password: "" };
for (const servers of [1, 2, 3]) {
	const place = { address: { ...address, database: 10 + servers }, key: join(folder, "log.key") };
	const figures: number[] = [];
	for (let i = 0; i < 3; i++) figures.push(await entriesPerSecond(place, servers));
	console.log(`${servers} writing: ${Math.round(spread(figures).median)} entries a second`);
}
await stack.disposeAsync();
process.exit(0);
