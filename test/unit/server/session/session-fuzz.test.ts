import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { randomId } from "../../../../lib/util/random-id.ts";
import { generateKey } from "../../../../lib/wire/crypto/fernet.ts";
import { helloInput, type Input, input, lineOf } from "./fuzz-inputs.ts";
import { FuzzedServer, FuzzedTransport } from "./fuzzed-server.ts";

// Random lines, tokens and messages against the server's own parts. FERNET_CHAT_RUNS sets the
// number of inputs; a recorded run is `FERNET_CHAT_RUNS=1000000 bun test session-fuzz`.

const INPUTS = Number(process.env.FERNET_CHAT_RUNS ?? 10_000);

setDefaultTimeout(60_000 + INPUTS);

const folder = mkdtempSync(join(tmpdir(), "fernet-chat-fuzz-"));
afterAll(() => rmSync(folder, { recursive: true }));

type Enter = (
	server: FuzzedServer,
	id?: string,
	key?: string,
) => FuzzedTransport | Promise<FuzzedTransport>;

const STAGES: [name: string, share: number, enter: Enter, input: fc.Arbitrary<Input>][] = [
	[
		"instead of a hello",
		0.2,
		(server, id, key) => new FuzzedTransport(server, id, key),
		fc.oneof(input, helloInput),
	],
	[
		"instead of a login",
		0.2,
		(server, id, key) => FuzzedTransport.greeting(server, id, key),
		input,
	],
	[
		"from a member",
		0.6,
		(server, id, key) => FuzzedTransport.member(server, "fuzz", id, key),
		input,
	],
];

/** Delivers a stream whole, byte by byte, or in two pieces. */
function deliver(transport: FuzzedTransport, stream: Buffer, way: number): void {
	if (way === 0) return transport.hear(stream);
	if (way === 1) {
		for (let i = 0; i < stream.length; i++) transport.hear(stream.subarray(i, i + 1));
		return;
	}
	const cut = way % (stream.length + 1);
	transport.hear(stream.subarray(0, cut));
	transport.hear(stream.subarray(cut));
}

/** A room in which two members go on talking, whatever a third client sends. */
class Target {
	readonly outcomes = new Map<string, number>();
	given = 0;
	#spoken = 0;
	readonly #talker: FuzzedTransport;
	readonly #listener: FuzzedTransport;

	private constructor(
		readonly server: FuzzedServer,
		talker: FuzzedTransport,
		listener: FuzzedTransport,
	) {
		this.#talker = talker;
		this.#listener = listener;
	}

	static async open(): Promise<Target> {
		const server = new FuzzedServer(folder);
		const talker = await FuzzedTransport.member(server, "talker");
		return new Target(server, talker, await FuzzedTransport.member(server, "listener"));
	}

	async suffer(enter: Enter, inputs: Input[], way: number): Promise<void> {
		// A minute later, so that no earlier login counts against this one.
		this.server.now += 61_000;
		const transport = await enter(this.server);
		for (const each of inputs) {
			if (transport.ended) break;
			deliver(transport, Buffer.from(`${lineOf(transport, each)}\n`, "latin1"), way);
			this.given++;
		}
		await this.server.settle();
		for (const answer of transport.answers) {
			this.outcomes.set(answer, (this.outcomes.get(answer) ?? 0) + 1);
		}
		transport.hangUp();
		await this.#expectUndisturbed();
	}

	/** The members received every event so far in order, or a transport has thrown. */
	async #expectUndisturbed(): Promise<void> {
		const text = `line ${++this.#spoken}`;
		this.#talker.say({ type: "say", id: `t-${this.#spoken}`, text });
		await this.server.settle();
		for (const member of [this.#talker, this.#listener]) {
			if (member.ended || member.texts.at(-1) !== text) throw new Error("a member was disturbed");
			member.texts.length = 0;
			for (const received of [member.answers, member.tokens, member.lines]) received.length = 0;
		}
		if (this.server.warnings.length > 0) throw new Error(this.server.warnings.join());
		if (this.server.context.sessionIds.size !== 2) throw new Error("a session was left over");
	}
}

/** MiB: what is reachable, and what the process has from the system. */
const memory = (): { heap: number; rss: number } => {
	Bun.gc(true);
	const { heapUsed, rss } = process.memoryUsage();
	return { heap: heapUsed / 1024 / 1024, rss: rss / 1024 / 1024 };
};

/** MiB by which any run may grow: the history is in the heap, and the engine frees late. */
const GROWTH = { heap: 16, rss: 400 };

/** Cases between two checks of the number of inputs. */
const CASES = 200;

for (const [name, share, enter, input] of STAGES) {
	test(`anything ${name} is answered as the wire has it, and disturbs nobody`, async () => {
		const target = await Target.open();
		const cases = fc.asyncProperty(
			fc.array(input, { minLength: 1, maxLength: 30 }),
			fc.oneof(fc.constantFrom(0, 1), fc.nat()),
			(inputs, way) => target.suffer(enter, inputs, way),
		);
		const count = INPUTS * share;
		let before: ReturnType<typeof memory> | undefined;
		while (target.given < count) {
			await fc.assert(cases, { numRuns: CASES });
			// The first tenth warms up the engine.
			if (target.given > count / 10) before ??= memory();
		}
		const after = memory();
		const { heap = 0, rss = 0 } = before ?? {};
		const [was, is] = [[heap, rss], Object.values(after)].map((mib) =>
			mib.map((each) => each.toFixed(0)).join("/"),
		);
		const figures = `heap/RSS ${was} MiB before, ${is} after`;
		const outcomes = [...target.outcomes].map(([answer, times]) => `${answer} ${times}`);
		console.log(`${target.given} inputs ${name}: ${figures}\n  ${outcomes.toSorted().join(", ")}`);
		expect(after.heap).toBeLessThan(heap + GROWTH.heap);
		expect(after.rss).toBeLessThan(rss + GROWTH.rss);
		expect([...target.outcomes.keys()].filter((answer) => answer.includes("fault"))).toEqual([]);
	});
}

/** What a new transport answers to a stream that is cut at one place. */
async function hearing(enter: Enter, stream: (transport: FuzzedTransport) => Buffer, cut: number) {
	const server = new FuzzedServer(folder);
	const transport = await enter(server, ID, KEY);
	deliver(transport, stream(transport), cut);
	await server.settle();
	transport.hangUp();
	return { answers: transport.answers, texts: transport.texts };
}

const ID = randomId();
const KEY = generateKey();

for (const [name, , enter, input] of STAGES) {
	test(`what comes ${name} means the same, however it is cut`, async () => {
		let given = 0;
		const cases = fc.asyncProperty(
			fc.array(input, { minLength: 1, maxLength: 3, size: "max" }),
			async (inputs) => {
				let stream: Buffer | undefined;
				// The very same bytes each time, under the same key.
				const same = (transport: FuzzedTransport): Buffer => {
					stream ??= Buffer.from(
						inputs.map((each) => `${lineOf(transport, each)}\n`).join(""),
						"latin1",
					);
					return stream;
				};
				const whole = await hearing(enter, same, 0);
				for (let cut = 1; cut <= (stream?.length ?? 0); cut++, given++) {
					expect(await hearing(enter, same, cut)).toEqual(whole);
				}
			},
		);
		await fc.assert(cases, { numRuns: Math.min(100, Math.max(2, INPUTS / 10_000)) });
		console.log(`${given} ways to cut what comes ${name}`);
	});
}
