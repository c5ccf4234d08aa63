import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { FramingPeer } from "../../../../lib/server/net/framing.ts";
import { FrameReader } from "../../../../lib/server/web/frame-reader.ts";
import { FrameEncoder, WebSocketFraming } from "../../../../lib/server/web/websocket-framing.ts";
import { ProtocolError } from "../../../../lib/wire/errors/reason.ts";
import { serverLine } from "../../../../lib/wire/transport/server-line.ts";
import { maskedFrame } from "../../../support/page-socket.ts";

const FIN = 0x80;
const TEXT = 0x1;

/** Takes what a reader passes on: all of it, or one thing at a time. */
class Taker implements FramingPeer {
	readonly seen: string[] = [];
	constructor(readonly hasEnough = false) {}
	take(line: string): boolean {
		this.seen.push(`line ${line}`);
		return !this.hasEnough;
	}
	reply(bytes: Uint8Array): boolean {
		this.seen.push(`reply ${Buffer.from(bytes).toString("hex")}`);
		return !this.hasEnough;
	}
	onEnd(): void {
		this.seen.push("end");
	}
}

/** Pushes a stream cut at these places, and what is left again and again. */
function read(stream: Buffer, cuts: readonly number[], { limit = 1000, hasEnough = false } = {}) {
	const reader = new FrameReader(limit);
	const taker = new Taker(hasEnough);
	const ends = [...new Set(cuts.map((cut) => cut % (stream.length + 1)))].sort((a, b) => a - b);
	let start = 0;
	for (const end of [...ends, stream.length]) {
		let rest: Buffer | null = Buffer.from(stream.subarray(start, end));
		while (rest) rest = reader.push(rest, taker);
		start = end;
	}
	return taker.seen;
}

interface Message {
	readonly text: string;
	/** Where it is cut into frames, and what is asked between two of them. */
	readonly cuts: readonly number[];
	readonly ping: string;
}

const messages: fc.Arbitrary<Message[]> = fc.array(
	fc.record({
		text: fc.string({ unit: "grapheme-ascii", maxLength: 300 }),
		cuts: fc.array(fc.nat(300), { maxLength: 4 }),
		ping: fc.string({ unit: "grapheme-ascii", maxLength: 125 }),
	}),
	{ maxLength: 6 },
);

/** The frames of a message, and what a reader passes on for them. */
function framesOf({ text, cuts, ping }: Message): { bytes: Buffer; seen: string[] } {
	const ends = [...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length];
	const parts = ends.map((end, i) => text.slice(i === 0 ? 0 : ends[i - 1], end));
	const frames = parts.flatMap((part, i) => {
		const opcode = i === 0 ? TEXT : 0;
		const first = i === parts.length - 1 ? FIN | opcode : opcode;
		return [maskedFrame(FIN | 0x9, Buffer.from(ping)), maskedFrame(first, Buffer.from(part))];
	});
	const pong = Buffer.concat([Buffer.from([FIN | 0xa, ping.length]), Buffer.from(ping)]);
	return {
		bytes: Buffer.concat(frames),
		seen: [...parts.map(() => `reply ${pong.toString("hex")}`), `line ${text}`],
	};
}

describe("any messages, in any frames, with pings between them, and cut anywhere", () => {
	test.each([
		["by who takes all", false],
		["by who takes one thing at a time", true],
	])("are read in order %s", (_, hasEnough) => {
		fc.assert(
			fc.property(messages, fc.array(fc.nat(5000), { maxLength: 20 }), (sent, cuts) => {
				const all = sent.map(framesOf);
				const stream = Buffer.concat(all.map(({ bytes }) => bytes));
				expect(read(stream, cuts, { hasEnough })).toEqual(all.flatMap(({ seen }) => seen));
			}),
		);
	});
});

test("whatever bytes come, no line is longer than the limit, and nothing but a breach is thrown", () => {
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 400 }), fc.array(fc.nat(400)), (bytes, cuts) => {
			try {
				for (const seen of read(Buffer.from(bytes), cuts, { limit: 50 })) {
					if (seen.startsWith("line ")) expect(seen.length).toBeLessThanOrEqual(5 + 50);
				}
			} catch (error) {
				expect(error).toBeInstanceOf(ProtocolError);
			}
		}),
	);
});

test("a close ends it, whatever follows", () => {
	const close = maskedFrame(FIN | 0x8, Buffer.from([3, 0xe8]));
	const line = maskedFrame(FIN | TEXT, Buffer.from("late"));
	expect(read(Buffer.concat([close, line, close]), [3, 9])).toEqual(["end"]);
});

test.each([1, 2, 125, 126, 127, 65_535, 65_536, 200_000])(
	"a line of %i bytes is one frame, which all who are sent it share",
	(size) => {
		const encoder = new FrameEncoder();
		const [one, other] = [new WebSocketFraming(encoder, 10), new WebSocketFraming(encoder, 10)];
		const token = "x".repeat(size);
		const line = serverLine(7, token);
		const frame = one.encode(line);
		const start = size + 2 <= 125 ? 2 : size + 2 < 65_536 ? 4 : 10;
		expect(frame[0]).toBe(0x81);
		expect(frame.toString("latin1", start)).toBe(`7 ${token}`);
		expect([one.isSessionLine(frame), frame.length]).toEqual([false, start + size + 2]);
		// A line for one alone between two of them changes nothing.
		const own = one.encode(serverLine(0, token));
		expect(one.isSessionLine(own)).toBe(true);
		expect(other.encode(line)).toBe(frame);
	},
);

test("several lines at once are as many messages", () => {
	const lines = Buffer.concat([serverLine(0, "a"), serverLine(0, "bc")]);
	const made = new WebSocketFraming(new FrameEncoder(), 10).encode(lines);
	expect(made.toString("latin1")).toBe("\x81\x030 a\x81\x040 bc");
});
