#!/usr/bin/env bun
// Measures from when on it pays to deflate a batch: the server's processor time to seal a batch of
// prose and hand it to its readers' sockets, deflated and not. Usage: bun test/bench/deflate.ts

import type { Socket } from "bun";
import { shortId } from "../../lib/util/random-id.ts";
import { generateKey } from "../../lib/wire/crypto/fernet.ts";
import { RoomKey } from "../../lib/wire/crypto/room-key.ts";
import { Outbox } from "../../lib/wire/transport/outbox.ts";
import { spread } from "./figures.ts";
import { SENTENCES } from "./prose.ts";

const READERS = [1, 8, 32, 100, 1000];
const EVENTS = [1, 2, 4, 8, 16, 64];
const ROUNDS = 9;
/** Lines written in one round, to all readers together. */
const LINES = 8000;

/** Connects `count` sockets that read and forget. */
async function read(port: number, count: number): Promise<void> {
	const connect = () => Bun.connect({ hostname: "127.0.0.1", port, socket: { data() {} } });
	for (let i = 0; i < count; i++) await connect();
}

/** The sockets of a reading process, and what waits for each. */
class Readers implements AsyncDisposable {
	readonly outboxes: Outbox[] = [];
	readonly #listener: Bun.TCPSocketListener<Outbox>;
	readonly #process: Bun.Subprocess;
	#all = Promise.withResolvers<void>();

	constructor(count: number) {
		this.#listener = Bun.listen<Outbox>({
			hostname: "127.0.0.1",
			port: 0,
			socket: {
				open: (socket) => this.#open(socket, count),
				data() {},
				drain: (socket) => socket.data.drain(),
			},
		});
		const args = ["bun", import.meta.path, String(this.#listener.port), String(count)];
		this.#process = Bun.spawn(args, { stdout: "inherit", stderr: "inherit" });
	}

	#open(socket: Socket<Outbox>, count: number): void {
		socket.setNoDelay(true);
		socket.data = new Outbox(socket);
		this.outboxes.push(socket.data);
		if (this.outboxes.length === count) this.#all.resolve();
	}

	connected(): Promise<void> {
		return this.#all.promise;
	}

	/** Resolves when the sockets have taken everything. */
	async drained(): Promise<void> {
		while (this.outboxes.some(({ size }) => size > 0)) await Bun.sleep(1);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#process.kill();
		await this.#process.exited;
		this.#listener.stop(true);
	}
}

/** The events of a batch, as JSON. */
function batch(events: number): string {
	const said = Array.from({ length: events }, () => ({
		...{ type: "said", from: `member${Math.floor(Math.random() * 32)}`, id: shortId() },
		text: SENTENCES[Math.floor(Math.random() * SENTENCES.length)],
	}));
	return JSON.stringify(said);
}

/** Microseconds of this process for each batch. `asIfFor`: how many readers `seal` is told of. */
async function cost(
	readers: Readers,
	batches: readonly string[],
	asIfFor: number,
): Promise<{ time: number; bytes: number }> {
	const key = new RoomKey(1, generateKey());
	let bytes = 0;
	const before = process.cpuUsage();
	for (const events of batches) {
		const line = key.seal({ seq: 1_000_000, at: 1_795_392_000_123 }, events, asIfFor);
		for (const outbox of readers.outboxes) outbox.write(line);
		bytes += line.length;
		if (readers.outboxes.some(({ size }) => size > 0)) await readers.drained();
	}
	const { user, system } = process.cpuUsage(before);
	return { time: (user + system) / batches.length, bytes: bytes / batches.length };
}

async function measure(readers: Readers, events: number): Promise<string> {
	const count = Math.max(20, Math.ceil(LINES / readers.outboxes.length / Math.sqrt(events)));
	const ratios: number[] = [];
	const sizes: number[] = [];
	let json = 0;
	for (let round = 0; round <= ROUNDS; round++) {
		const batches = Array.from({ length: count }, () => batch(events));
		const plain = await cost(readers, batches, 0);
		const deflated = await cost(readers, batches, Number.POSITIVE_INFINITY);
		json = batches.reduce((sum, each) => sum + each.length, 0) / count;
		// The first round warms up.
		if (round > 0) ratios.push(deflated.time / plain.time);
		sizes.push(deflated.bytes / plain.bytes);
	}
	const { median, least, most } = spread(ratios);
	const time = `${median.toFixed(2)} (${least.toFixed(2)} to ${most.toFixed(2)})`;
	const cells = [readers.outboxes.length, events, json.toFixed(0), spread(sizes).median.toFixed(2)];
	return `| ${[...cells, time].join(" | ")} |`;
}

const [port, count] = process.argv.slice(2).map(Number);
if (port !== undefined && count !== undefined) await read(port, count);
else {
	console.log(
		"| readers | events | bytes of JSON | line, deflated to plain | processor time, likewise |",
	);
	console.log("|---|---|---|---|---|");
	for (const size of READERS) {
		await using readers = new Readers(size);
		await readers.connected();
		for (const events of EVENTS) console.log(await measure(readers, events));
	}
}
