import { describe, expect, test } from "bun:test";
import { createHash, randomBytes } from "node:crypto";
import fc from "fast-check";
import { Outbox, type Sink } from "../../../../lib/wire/transport/outbox.ts";
import { eventually } from "../../../support/eventually.ts";

const RUNS = Number(process.env.TEST_RUNS ?? 100);

/** A socket that takes `room` bytes, and then nothing until a test gives it more room. */
class TestSink implements Sink {
	out = "";
	room = 0;

	write(bytes: Uint8Array, byteOffset = 0, byteLength = bytes.length - byteOffset): number {
		const taken = Math.min(this.room, byteLength);
		this.room -= taken;
		this.out += Buffer.from(bytes.subarray(byteOffset, byteOffset + taken)).toString("latin1");
		return taken;
	}
}

const LINES = ["first\n", "\n", "the second one\n", "3\n", "", "the last of all\n"];
const ALL = LINES.join("");
const bytesOf = (line: string): Buffer => Buffer.from(line, "latin1");

describe("the stream", () => {
	test("is whole and in order, however much a write takes", () => {
		for (let step = 1; step <= ALL.length + 1; step++) {
			const tap = new TestSink();
			const outbox = new Outbox(tap);
			for (const line of LINES) {
				tap.room = step;
				outbox.write(bytesOf(line));
			}
			for (let drains = 0; tap.out !== ALL && drains < ALL.length; drains++) {
				expect(outbox.size).toBe(ALL.length - tap.out.length);
				tap.room = step;
				outbox.drain();
			}
			expect({ step, out: tap.out, size: outbox.size }).toEqual({ step, out: ALL, size: 0 });
		}
	});

	test("goes straight through while the socket takes it all", () => {
		const tap = new TestSink();
		const outbox = new Outbox(tap);
		for (const line of LINES) {
			tap.room = line.length;
			outbox.write(bytesOf(line));
			expect(outbox.size).toBe(0);
		}
		expect(tap.out).toBe(ALL);
	});

	test("waits for drain: a later line never overtakes one that waits", () => {
		const tap = new TestSink();
		const outbox = new Outbox(tap);
		outbox.write(bytesOf("first\n"));
		tap.room = 100;
		outbox.write(bytesOf("second\n"));
		expect(tap.out).toBe("");
		outbox.drain();
		expect(tap.out).toBe("first\nsecond\n");
	});

	test("of a closed socket stays where it is", () => {
		const outbox = new Outbox({ write: () => -1 });
		outbox.write(bytesOf("first\n"));
		outbox.drain();
		outbox.write(bytesOf("second\n"));
		expect(outbox.size).toBe("first\nsecond\n".length);
	});
});

const step = fc.oneof(
	fc.record({ write: fc.stringMatching(/^[a-z]{0,20}$/).map((text) => `${text}\n`) }),
	fc.record({ drain: fc.nat(30) }),
);
type Step = { write: string } | { drain: number };

test("any order of writes and drains gives the same stream, and size is what is not out yet", () => {
	const holds = (order: Step[], first: number): void => {
		const tap = new TestSink();
		const outbox = new Outbox(tap);
		tap.room = first;
		let written = "";
		for (const step of order) {
			if ("write" in step) {
				written += step.write;
				outbox.write(bytesOf(step.write));
			} else {
				tap.room = step.drain;
				outbox.drain();
			}
			expect(written.startsWith(tap.out)).toBe(true);
			expect(outbox.size).toBe(written.length - tap.out.length);
		}
		tap.room = Number.POSITIVE_INFINITY;
		outbox.drain();
		expect(tap.out).toBe(written);
	};
	fc.assert(fc.property(fc.array(step, { maxLength: 40 }), fc.nat(50), holds), { numRuns: RUNS });
});

describe("abandon", () => {
	const none = () => false;
	const short = (line: Uint8Array) => line.length < 3;

	test.each([
		{ keeps: "nothing else", isKept: none },
		{ keeps: "what is asked for", isKept: short },
	])("keeps the rest of a half-sent line and $keeps, wherever it was cut", ({ isKept }) => {
		for (let sent = 0; sent <= ALL.length; sent++) {
			const tap = new TestSink();
			const outbox = new Outbox(tap);
			tap.room = sent;
			for (const line of LINES) outbox.write(bytesOf(line));
			expect(tap.out).toBe(ALL.slice(0, sent));

			outbox.discard(isKept);
			// The outbox finishes each line it began and keeps only some of the others.
			const isBegun = (index: number) => LINES.slice(0, index).join("").length < sent;
			const kept = LINES.filter((line, index) => isBegun(index) || isKept(bytesOf(line)));
			const left = kept.join("");
			expect({ sent, size: outbox.size }).toEqual({ sent, size: left.length - sent });
			outbox.write(bytesOf("goodbye\n"));
			for (let drains = 0; drains < ALL.length; drains++) {
				tap.room = 1;
				outbox.drain();
			}
			expect(tap.out).toBe(`${left}goodbye\n`);
			expect(outbox.size).toBe(0);
		}
	});

	test("forgets all of what a drain has just finished, and twice is once", () => {
		const tap = new TestSink();
		const outbox = new Outbox(tap);
		for (const line of LINES) outbox.write(bytesOf(line));
		tap.room = "first\n".length + 1;
		outbox.drain();
		outbox.discard(none);
		outbox.discard(none);
		expect(outbox.size).toBe(0);
		tap.room = 100;
		outbox.drain();
		expect(tap.out).toBe("first\n\n");
	});
});

test("a real socket with a slow reader gets every byte", async () => {
	const chunks = Array.from({ length: 64 }, (_, index) => randomBytes(1 + index * 8000));
	const sent = createHash("sha256");
	for (const chunk of chunks) sent.update(chunk);
	const received = createHash("sha256");
	let most = 0;
	let ended = false;
	const server = Bun.listen<Outbox | undefined>({
		hostname: "127.0.0.1",
		port: 0,
		socket: {
			open(socket) {
				const outbox = new Outbox(socket);
				socket.data = outbox;
				for (const chunk of chunks) outbox.write(chunk);
				most = outbox.size;
			},
			data() {},
			drain(socket) {
				socket.data?.drain();
				if (socket.data?.size === 0) socket.shutdown();
			},
		},
	});
	using _ = { [Symbol.dispose]: () => server.stop(true) };
	await Bun.connect({
		hostname: "127.0.0.1",
		port: server.port,
		socket: {
			data: (_, bytes) => void received.update(bytes),
			end: () => {
				ended = true;
			},
		},
	});
	await eventually("the end of the stream", () => ended);
	expect(most).toBeGreaterThan(0);
	expect(received.digest("hex")).toBe(sent.digest("hex"));
});
