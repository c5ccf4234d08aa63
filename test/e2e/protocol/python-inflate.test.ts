import { expect, test } from "bun:test";
import { dirname } from "node:path";
import { deflateRawSync } from "node:zlib";
import { eventually } from "../../support/eventually.ts";
import { Peer } from "../../support/peer.ts";
import { Stage } from "../../support/programs.ts";
import { requirePython } from "../../support/python.ts";
import { deflatedBatches } from "./deflated.ts";
import { ENV, gate, printed, SCRIPT, start } from "./python-client.ts";

// The client in Python opens deflated batches, and no bomb.

const MIB = 1024 * 1024;

test("in a room where much is said it reads every word of it", async () => {
	await using stage = await Stage.local();
	const [ann, bob] = [await Peer.member(stage, "ann"), await Peer.member(stage, "bob")];
	await using proxy = await gate(stage.port);
	await using script = start(proxy.port, stage.keys);
	await eventually("its line", () => proxy.held.length === 1);
	const texts = Array.from({ length: 6 }, (_, i) => `${i} ${"häufig ".repeat(1000)}`);
	ann.send(...texts.map((text, i) => ({ type: "say", id: `t${i}`, text })));
	await eventually("all of it", () => bob.messages.some(({ id }) => id === "t5"));
	proxy.open();
	const { err, code, lines } = await printed(script);
	expect({ err, code }).toEqual({ err: "", code: 0 });
	expect(lines.flatMap(({ from, text }) => (from === "ann" ? [text] : []))).toEqual(texts);
	// Every member gets the same lines.
	const words = deflatedBatches(bob).flatMap(({ events }) => events.map(({ text }) => text));
	expect(words).toEqual(texts);
}, 30_000);

/** Runs `inflate` of the script, or another, with 32 MiB more than it takes to load the script. */
async function inflate(batch: Uint8Array, call = "client.inflate(batch)") {
	const program = `
import resource, sys, zlib
sys.path.insert(0, sys.argv[1])
import client
batch = sys.stdin.buffer.read()
pages = int(open("/proc/self/statm").read().split()[0])
limit = pages * resource.getpagesize() + (32 << 20)
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
print(len(${call}))
`;
	const args = ["-B", "-c", program, dirname(SCRIPT)];
	const python = Bun.spawn([requirePython(), ...args], {
		env: ENV,
		stdin: batch,
		stdout: "pipe",
		stderr: "pipe",
	});
	const [out, err] = await Promise.all([python.stdout.text(), python.stderr.text()]);
	return { out, err, code: await python.exited };
}

test("it inflates what a server may send", async () => {
	for (const size of [2, 1000, MIB - 1]) {
		const batch = deflateRawSync(Buffer.alloc(size, "x"));
		expect(await inflate(batch)).toEqual({ out: `${size}\n`, err: "", code: 0 });
	}
}, 30_000);

const REFUSED = { out: "", err: "A batch does not inflate to at most 1 MiB.\n", code: 1 };

test("a bomb is refused, in memory that the bomb would not fit", async () => {
	const bomb = deflateRawSync(Buffer.alloc(256 * MIB));
	expect(bomb.length).toBeLessThan(MIB);
	expect((await inflate(bomb, "zlib.decompress(batch, -15)")).err).toContain("MemoryError");
	expect(await inflate(bomb)).toEqual(REFUSED);
	expect(await inflate(deflateRawSync(Buffer.alloc(MIB + 1)))).toEqual(REFUSED);
}, 30_000);

test("a batch that is cut off is refused", async () => {
	const batch = deflateRawSync(Buffer.from('{"seq":1,"at":1,"events":[]}'));
	expect(await inflate(batch.subarray(0, -4))).toEqual(REFUSED);
}, 30_000);
