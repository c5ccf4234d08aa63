import { expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { Authenticator } from "../../../../lib/server/auth/authenticator.ts";
import { BanList } from "../../../../lib/server/auth/ban-list.ts";
import { GmailVerifier } from "../../../../lib/server/auth/gmail-verifier.ts";
import { ACCEPTED, type LoginResult } from "../../../../lib/server/auth/login-result.ts";
import { KeyPoller } from "../../../../lib/server/keys/key-poller.ts";
import { LIMITS, type Limits } from "../../../../lib/server/limits/limits.ts";
import { Logger } from "../../../../lib/server/log/logger.ts";
import { Moderation } from "../../../../lib/server/moderation/moderation.ts";
import { History } from "../../../../lib/server/room/history.ts";
import { JoinBatcher } from "../../../../lib/server/room/join-batcher.ts";
import { Room } from "../../../../lib/server/room/room.ts";
import type { ServerContext, Transport } from "../../../../lib/server/session/context.ts";
import { Session } from "../../../../lib/server/session/session.ts";
import { randomId } from "../../../../lib/util/random-id.ts";
import { Fernet, generateKey } from "../../../../lib/wire/fernet.ts";
import { readClearError } from "../../../../lib/wire/hello.ts";
import { KeyFolder } from "../../../../lib/wire/key-folder.ts";
import { LineReader } from "../../../../lib/wire/line-reader.ts";
import { LOGIN_METHODS } from "../../../../lib/wire/login-methods.ts";
import { readServerMessage } from "../../../../lib/wire/messages.ts";
import { readServerLine } from "../../../../lib/wire/server-line.ts";
import { messagesIn } from "../../../support/batch.ts";

// Random lines, tokens and messages against the server's own parts. FERNET_CHAT_RUNS sets how many
// inputs; a recorded run is `FERNET_CHAT_RUNS=1000000 bun test session-fuzz`.

const INPUTS = Number(process.env.FERNET_CHAT_RUNS ?? 20_000);
setDefaultTimeout(60_000 + INPUTS);

const folder = mkdtempSync(join(tmpdir(), "fernet-chat-fuzz-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

/** A mailbox that knows everybody. */
class OpenGmail extends GmailVerifier {
	override verify(): Promise<LoginResult> {
		return Promise.resolve(ACCEPTED);
	}
}

const entries = Object.entries(LIMITS).map(([name, limit]) => [name, limit.default]);
const limits: Limits = {
	...Object.fromEntries(entries),
	messageRate: 1_000_000,
	messageBurst: 1_000_000,
	accountLogins: 1_000_000,
	addressLogins: 1_000_000,
	maxMembers: 50,
	grace: 0,
};

/** A server without sockets, whose turns end when a test says so. */
class FuzzedServer {
	readonly warnings: string[] = [];
	readonly context: ServerContext;
	now = 1_700_000_000_000;
	#flushes: (() => void)[] = [];

	constructor() {
		const keys = new KeyFolder(folder);
		const now = () => this.now;
		const nowhere = { host: "127.0.0.1", port: 1, secure: false };
		const showAddress = (account: string): string => account;
		const bans = new BanList(join(folder, "state"), () => {});
		const room: Room = new Room({
			history: new History(1000, 1024 * 1024),
			maxMembers: limits.maxMembers,
			grace: 0,
			awayAfter: 15_000,
			now,
			atEndOfTurn: (flush) => void this.#flushes.push(flush),
			log: (entry) => this.context.logger.log(entry),
			...{ owners: new Set(["talker@gmail.com"]), title: undefined, motd: undefined },
			onEmpty: () => {},
		});
		const moderation = new Moderation({
			...{ room, bans, shownEmail: showAddress },
			log: (entry) => this.context.logger.log(entry),
			owners: new Set(["talker@gmail.com"]),
			close: () => void this.warnings.push("the room was closed"),
		});
		this.context = {
			room,
			moderation,
			authenticator: new Authenticator({
				verifier: new OpenGmail(nowhere, limits),
				allow: null,
				bans,
				owners: new Set(),
				methods: LOGIN_METHODS,
				mailer: null,
				limits,
				now,
			}),
			keys,
			keyPoller: new KeyPoller(keys),
			limits,
			shownEmail: showAddress,
			joins: new JoinBatcher(() => room.size),
			sessionIds: new Set(),
			now,
			logger: new Logger("json", (line) => this.#read(line), now),
		};
	}

	/** The owner reads the log, and nothing in it is more than a line of JSON. */
	#read(line: string): boolean {
		const { event } = JSON.parse(line);
		const isPlain = /^[ -~]+$/.test(line);
		if (event === "error" || event === "warning" || !isPlain) this.warnings.push(line);
		return true;
	}

	/** Lets a login be answered, and ends the turn. */
	async settle(): Promise<void> {
		for (let i = 0; i < 5; i++) await Promise.resolve();
		for (const flush of this.#flushes.splice(0)) flush();
	}
}

/** One connection, and what it was told, opened as a client must be able to open it. */
class FuzzedTransport implements Transport {
	readonly ip = "127.0.0.1";
	readonly isEncrypted = false;
	readonly fernet: Fernet;
	/** The types, or clear codes, of all it was told. */
	readonly answers: string[] = [];
	/** Texts said in the room. */
	readonly texts: string[] = [];
	ended = false;
	n = 0;
	readonly #key: string;
	readonly #session: Session;
	readonly #lines = new LineReader(limits.loginLine);
	#room: Fernet | undefined;
	#seq: number | undefined;

	constructor(
		readonly server: FuzzedServer,
		readonly id = randomId(),
		key = generateKey(),
	) {
		this.fernet = new Fernet(key);
		this.#key = key;
		this.#session = new Session(this, server.context);
	}

	/** One that has said its hello. */
	static greeting(server: FuzzedServer, id?: string, key?: string): FuzzedTransport {
		const transport = new FuzzedTransport(server, id, key);
		writeFileSync(join(folder, `${transport.id}.key`), transport.#key, { mode: 0o600 });
		transport.give(`FERNET-CHAT/1 ${transport.id}`);
		return transport;
	}

	static async member(
		server: FuzzedServer,
		name: string,
		id?: string,
		key?: string,
	): Promise<FuzzedTransport> {
		const transport = FuzzedTransport.greeting(server, id, key);
		const email = `${name}@gmail.com`;
		transport.give(transport.seal({ type: "login", name, email, password: "x" }));
		await server.settle();
		if (!transport.answers.includes("welcome")) throw new Error(`not let in: ${transport.answers}`);
		return transport;
	}

	seal(message: unknown): string {
		const value = typeof message === "object" ? { n: this.n++, ...message } : message;
		const now = Math.floor(this.server.now / 1000);
		return this.fernet.encrypt(JSON.stringify(value) ?? "", { now });
	}

	give(line: string): void {
		this.hear(Buffer.from(`${line}\n`));
	}

	/** As a socket's bytes come in. */
	hear(chunk: Buffer): void {
		if (this.ended) return;
		this.#session.runIsolated(() => this.#lines.push(chunk, (line) => this.#session.receive(line)));
	}

	hangUp(): void {
		this.ended = true;
		this.#session.closed();
	}

	setMaxLine(bytes: number): void {
		this.#lines.limit = bytes;
	}

	send(bytes: Buffer): void {
		if (!this.ended) this.#open(bytes.toString("latin1").slice(0, -1));
	}

	finish(lastWord: Buffer): void {
		this.send(lastWord);
		this.ended = true;
	}

	/** Throws for anything that is not as the wire has it. */
	#open(line: string): void {
		const clear = readClearError(line);
		if (clear) return void this.answers.push(`clear ${clear.code}`);
		const read = readServerLine(line);
		const fernet = read?.epoch === 0 ? this.fernet : this.#room;
		if (!read || !fernet) throw new Error(`nothing a client can read: ${line}`);
		const value = JSON.parse(Buffer.from(fernet.decrypt(read.token)).toString());
		if (read.epoch === 0) this.#told(value);
		else for (const event of messagesIn(value)) this.#happened(event);
		const key = value.next?.key ?? value.key;
		if (key !== undefined) this.#room = new Fernet(key);
	}

	#told(value: unknown): void {
		const message = readServerMessage(value);
		this.answers.push("code" in message ? `${message.type} ${message.code}` : message.type);
		if (message.type === "welcome") this.#seq = message.seq;
	}

	#happened({ seq, type, text }: Record<string, unknown>): void {
		if (this.#seq === undefined || seq !== this.#seq + 1) throw new Error(`${seq}: ${this.#seq}`);
		this.#seq++;
		if (type === "said") this.texts.push(String(text));
	}
}

const bytes = fc
	.uint8Array({ maxLength: 300 })
	.map((array) => Buffer.from(array).toString("latin1"));
/** A hello, or nearly so. */
const hello = fc
	.tuple(
		fc.constantFrom(
			"FERNET-CHAT/1",
			"FERNET-CHAT/1",
			"FERNET-CHAT/2",
			"fernet-chat/1",
			"FERNET-CHAT/",
		),
		fc.constantFrom(" ", " ", " ", "  ", "\t", ""),
		fc.oneof(
			fc.uuid().map((uuid) => uuid.replaceAll("-", "")),
			fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), maxLength: 40 }),
			fc.constantFrom("../../etc/passwd", "__proto__", ""),
		),
		fc.constantFrom("", "", "", " ", "\r", " key", "\0"),
	)
	.map((parts) => parts.join(""));
const field = fc.oneof(
	fc.constantFrom("login", "say", "tell", "who", "ping", "welcome", "__proto__", "constructor"),
	fc.constantFrom("ann", "a@gmail.com", "0123456789abcdef0123456789abcdef", "", "\u0000", "\ud800"),
	fc.string({ unit: "binary", maxLength: 50 }),
	fc.jsonValue({ maxDepth: 2 }),
	fc.maxSafeInteger(),
);
const TYPES = [
	...[
		"login",
		"resume",
		"ask",
		"mail",
		"say",
		"tell",
		"who",
		"ping",
		"closing",
		"said",
		"toString",
	],
	...["kick", "ban", "unban", "mute", "unmute", "bans", "announce", "title", "close"],
];
const NAMES = [
	"id",
	"text",
	"me",
	"to",
	"name",
	"email",
	"password",
	"token",
	"seq",
	"told",
	"who",
];
/** A message that may be right, or nearly so. */
const message = fc.oneof(
	{
		weight: 4,
		arbitrary: fc
			.tuple(fc.constantFrom(...TYPES), fc.dictionary(fc.constantFrom(...NAMES), field))
			.map(([type, fields]): object => ({ ...fields, type })),
	},
	{
		weight: 3,
		arbitrary: fc.record({ type: fc.constant("say"), id: fc.uuid(), text: fc.string() }),
	},
	{ weight: 1, arbitrary: fc.object() },
);
/** What one line may be: a token of a message, one damaged, or no token at all. */
const input = fc.oneof(
	{ weight: 20, arbitrary: fc.record({ kind: fc.constant("message" as const), message }) },
	{
		weight: 2,
		arbitrary: fc.record({
			kind: fc.constant("damaged" as const),
			message,
			at: fc.nat(),
			with: fc.string({ maxLength: 3 }),
		}),
	},
	{ weight: 1, arbitrary: fc.record({ kind: fc.constant("json" as const), json: fc.jsonValue() }) },
	{ weight: 1, arbitrary: fc.record({ kind: fc.constant("bytes" as const), bytes }) },
	{ weight: 1, arbitrary: fc.record({ kind: fc.constant("bytes" as const), bytes: hello }) },
);
const helloInput = fc.record({ kind: fc.constant("bytes" as const), bytes: hello });
type Input = typeof input extends fc.Arbitrary<infer T> ? T : never;

/** The line a transport gives for an input. */
function lineOf(transport: FuzzedTransport, input: Input): string {
	if (input.kind === "bytes") return input.bytes;
	if (input.kind === "json") return transport.fernet.encrypt(JSON.stringify(input.json));
	const token = transport.seal(input.message);
	if (input.kind === "message") return token;
	const at = input.at % token.length;
	return token.slice(0, at) + input.with + token.slice(at + 1);
}

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

/** Whole, byte by byte, or in two. */
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

/** A room in which two go on talking, whatever the third may send. */
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
		const server = new FuzzedServer();
		const talker = await FuzzedTransport.member(server, "talker");
		return new Target(server, talker, await FuzzedTransport.member(server, "listener"));
	}

	async suffer(enter: Enter, inputs: Input[], way: number): Promise<void> {
		// A minute later: no login counts against the next.
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

	/** Every event so far was heard in order, or hearing it had thrown. */
	async #expectUndisturbed(): Promise<void> {
		const text = `line ${++this.#spoken}`;
		this.#talker.give(this.#talker.seal({ type: "say", id: `t-${this.#spoken}`, text }));
		await this.server.settle();
		for (const member of [this.#talker, this.#listener]) {
			if (member.ended || member.texts.at(-1) !== text) throw new Error("a member was disturbed");
			member.texts.length = 0;
			member.answers.length = 0;
		}
		if (this.server.warnings.length > 0) throw new Error(this.server.warnings.join());
		if (this.server.context.sessionIds.size !== 2) throw new Error("a session was left over");
	}
}

/** MiB: what is reachable, and what the process has of the system. */
const memory = (): { heap: number; rss: number } => {
	Bun.gc(true);
	const { heapUsed, rss } = process.memoryUsage();
	return { heap: heapUsed / 1024 / 1024, rss: rss / 1024 / 1024 };
};

/** MiB by which a run, however long, may grow: the log is in the heap, and the engine frees late. */
const GROWTH = { heap: 16, rss: 400 };
/** Cases between two looks at the number of inputs. */
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

/** What is said to a new transport that gives a stream cut at a place, and what it has said. */
async function hearing(enter: Enter, stream: (transport: FuzzedTransport) => Buffer, cut: number) {
	const server = new FuzzedServer();
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
