import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { randomId } from "../../../../lib/util/random-id.ts";
import { generateKey } from "../../../../lib/wire/crypto/fernet.ts";
import { helloInput, type Input, input, lineOf, loginInput, ownersInput } from "./fuzz-inputs.ts";
import { deliver, type Enter, Target } from "./fuzz-target.ts";
import { FuzzedServer, FuzzedTransport } from "./fuzzed-server.ts";

// Random lines, tokens and messages against the server's own parts. TEST_RUNS sets the
// number of inputs; a recorded run is `TEST_RUNS=1000000 bun test session-fuzz`.

const INPUTS = Number(process.env.TEST_RUNS ?? 400);

setDefaultTimeout(60_000 + INPUTS);

const folder = mkdtempSync(join(tmpdir(), "fernet-chat-fuzz-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Stage {
	readonly name: string;
	/** Of all inputs. */
	readonly share: number;
	readonly enter: Enter;
	readonly input: fc.Arbitrary<Input>;
	/** What must be among the outcomes, or the inputs are too far from what is valid. */
	readonly reaches: string[];
}

const STAGES: Stage[] = [
	{
		name: "instead of a hello",
		share: 0.2,
		enter: (server, id, key) => new FuzzedTransport(server, id, key),
		input: fc.oneof(input, helloInput),
		reaches: [],
	},
	{
		name: "instead of a login",
		share: 0.2,
		enter: (server, id, key) => FuzzedTransport.greeting(server, id, key),
		input: fc.oneof(
			{ weight: 4, arbitrary: input },
			{ weight: 1, arbitrary: loginInput, ownersInput },
		),
		reaches: ["welcome", "denied wrong_code"],
	},
	{
		name: "from a member",
		share: 0.3,
		enter: (server, id, key) => FuzzedTransport.member(server, "fuzz", id, key),
		input,
		reaches: ["told", "refused no_such_member", "refused not_owner", "closing left"],
	},
	{
		name: "from an owner",
		share: 0.3,
		enter: (server, id, key) => FuzzedTransport.member(server, "owner", id, key),
		input: fc.oneof({ weight: 2, arbitrary: input }, { weight: 1, arbitrary: ownersInput }),
		reaches: [
			...["told", "banlist", "refused is_owner", "all: kicked", "all: banned", "all: unbanned"],
			...[
				"all: muted",
				"all: unmuted",
				"all: titled",
				"all: announced",
				"closed: owner closed the room.",
			],
		],
	},
];

/** MiB: what is reachable, and what the process has from the system. */
const memory = (): { heap: number; rss: number } => {
	Bun.gc(true);
	const { heapUsed, rss } = process.memoryUsage();
	return { heap: heapUsed / 1024 / 1024, rss: rss / 1024 / 1024 };
};

/** MiB by which any run may grow: the history is in the heap, and the engine frees late. */
const GROWTH = { heap: 16, rss: 400 };

/** Cases between two checks of the number of inputs. */
const CASES = 20;
/** A rare outcome may need more inputs than were asked for, but not so many times more. */
const PATIENCE = 10;
/** Places at which one stream is cut: in a long run, after every byte of it. */
const CUTS = Math.ceil(INPUTS / 10);

for (const { name, share, enter, input, reaches } of STAGES) {
	test(`anything ${name} is answered as the wire has it, and disturbs nobody`, async () => {
		const target = await Target.open(folder);
		const cases = fc.asyncProperty(
			fc.array(input, { minLength: 1, maxLength: 30 }),
			fc.oneof(fc.constantFrom(0, 1), fc.nat()),
			fc.boolean(),
			(inputs, way, isSlow) => target.suffer(enter, inputs, way, isSlow),
		);
		const count = INPUTS * share;
		let before: ReturnType<typeof memory> | undefined;
		const isShort = () => reaches.some((answer) => !target.outcomes.has(answer));
		while (target.given < count || (isShort() && target.given < count * PATIENCE)) {
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
		expect([...target.outcomes.keys()]).toEqual(expect.arrayContaining(reaches));
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

for (const { name, enter, input } of STAGES) {
	test(`what comes ${name} means the same, however it is cut`, async () => {
		let given = 0;
		const cases = fc.asyncProperty(
			fc.array(input, { minLength: 1, maxLength: 3, size: "max" }),
			fc.nat(),
			async (inputs, first) => {
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
				const length = stream?.length ?? 0;
				const step = Math.max(1, Math.ceil(length / CUTS));
				for (let cut = 1 + (first % step); cut <= length; cut += step, given++) {
					expect(await hearing(enter, same, cut)).toEqual(whole);
				}
			},
		);
		await fc.assert(cases, { numRuns: Math.min(100, Math.max(2, INPUTS / 10_000)) });
		console.log(`${given} ways to cut what comes ${name}`);
	});
}
