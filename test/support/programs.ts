import { mkdtemp, readdir, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "./eventually.ts";
import { type Client, LocalClient } from "./local-client.ts";
import { LocalServer, NO_STATE, type RunningServer } from "./local-server.ts";
import { addressOf, type Mail, type Mailbox, openMailbox, PASSWORD } from "./mailbox.ts";
import { type ClientSocket, PageSocket } from "./page-socket.ts";
import { ROOT } from "./root.ts";

export type Json = { type: string } & Record<string, unknown>;

/** A running program, and all that it has printed so far. */
export class Program implements AsyncDisposable {
	out = "";
	err = "";
	readonly #process: Bun.Subprocess<"pipe", "pipe", "pipe">;
	readonly #read: Promise<unknown>;

	/** `within`: a command to run it in, such as one that enters another network. */
	constructor(
		script: "server.ts" | "client.ts" | "test/support/mailbox-program.ts",
		args: string[],
		env: Record<string, string>,
		within: string[] = [],
	) {
		this.#process = Bun.spawn([...within, process.execPath, join(ROOT, script), ...args], {
			env: { PATH: process.env.PATH, HOME: process.env.HOME, ...NO_STATE, ...env },
			stdin: "pipe",
			stdout: "pipe",
			stderr: "pipe",
		});
		this.#read = Promise.all([
			collect(this.#process.stdout, (text) => {
				this.out += text;
			}),
			collect(this.#process.stderr, (text) => {
				this.err += text;
			}),
		]);
	}

	get pid(): number {
		return this.#process.pid;
	}

	/** The exit code, once all output has been read. */
	async exit(): Promise<number> {
		const code = await this.#process.exited;
		await this.#read;
		return code;
	}

	/** Waits for a text to be printed, on either stream. */
	async waitForOutput(text: string | RegExp): Promise<void> {
		const printed = () => `${this.out}${this.err}`;
		await eventually(String(text), () => printed().search(text) >= 0, printed);
	}

	write(input: string | Buffer): void {
		this.#process.stdin.write(input);
		this.#process.stdin.flush();
	}

	/** Ends the program's input. */
	endInput(): void {
		this.#process.stdin.end();
	}

	kill(signal: NodeJS.Signals = "SIGTERM"): void {
		this.#process.kill(signal);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#process.kill("SIGKILL");
		await this.exit();
	}
}

async function collect(stream: ReadableStream<Uint8Array>, take: (text: string) => void) {
	const decoder = new TextDecoder();
	for await (const chunk of stream) take(decoder.decode(chunk, { stream: true }));
}

/** A client with `--json`: a program, or in this process. */
export class Bot implements AsyncDisposable {
	readonly #client: Client;
	readonly #lines: Json[] = [];
	/** How much of the output has been parsed. */
	#parsed = 0;

	private constructor(client: Client) {
		this.#client = client;
	}

	/** In this process; `args` follow `--json`. */
	static local(args: string[], env: Record<string, string>): Bot {
		return new Bot(new LocalClient(["--json", ...args], env));
	}

	/** `bun client.ts --json`, for tests of the program itself, or that kill or stop it. */
	static program(args: string[], env: Record<string, string>, within?: string[]): Bot {
		return new Bot(new Program("client.ts", ["--json", ...args], env, within));
	}

	get out(): string {
		return this.#client.out;
	}

	get err(): string {
		return this.#client.err;
	}

	exit(): Promise<number> {
		return this.#client.exit();
	}

	write(input: string | Buffer): void {
		this.#client.write(input);
	}

	endInput(): void {
		this.#client.endInput();
	}

	kill(signal?: NodeJS.Signals): void {
		this.#client.kill(signal);
	}

	[Symbol.asyncDispose](): PromiseLike<void> {
		return this.#client[Symbol.asyncDispose]();
	}

	/** What the bot has printed, one JSON object a line. */
	get lines(): Json[] {
		this.#parse();
		return [...this.#lines];
	}

	#parse(): void {
		const end = this.out.lastIndexOf("\n") + 1;
		for (const line of this.out.slice(this.#parsed, end).split("\n")) {
			if (line !== "") this.#lines.push(JSON.parse(line));
		}
		this.#parsed = end;
	}

	/** Waits for a line that has at least these fields. */
	waitFor(fields: Partial<Json>): Promise<Json> {
		const wanted = Object.entries(fields);
		const matches = (line: Json) =>
			wanted.every(([name, value]) => line[name] === value || Bun.deepEquals(line[name], value));
		/** How many lines have been looked at. */
		let seen = 0;
		const look = () => {
			this.#parse();
			while (seen < this.#lines.length) {
				const line = this.#lines[seen++];
				if (line && matches(line)) return line;
			}
			return null;
		};
		return eventually(JSON.stringify(fields), look, () => `${this.out}${this.err}`);
	}

	send(request: Json): void {
		this.write(`${JSON.stringify(request)}\n`);
	}

	say(text: string): void {
		this.send({ type: "say", text });
	}
}

/** Tests log in more often than people do; tests of the login guard pass flags of their own. */
const UNHURRIED = [
	...["--account-logins", "1000", "--address-logins", "100000"],
	...["--account-codes", "1000", "--address-codes", "100000"],
	// Nor is a person on the login page asked about the device, unless a test is about that.
	...["--remember-days", "0"],
	// On a slow machine, a peer that only listens may be silent for longer than a person's client.
	...["--idle-time", "600"],
];

/** The account that mails the codes. */
export const MAILER = {
	FERNET_CHAT_MAILER_USER: "room@gmail.com",
	FERNET_CHAT_MAILER_PASSWORD: PASSWORD,
};

const stateOf = (keys: string): string => join(keys, "state");

interface How {
	/** The server runs in this process, not in one of its own. */
	readonly isLocal?: boolean;
	/** A command to run the server in. */
	readonly within?: string[];
	/** A shell redirection, such as `2>FILE`. */
	readonly redirection?: string;
	/** The server mails codes to those on its guest list: by default, anybody at gmail.com. */
	readonly isMailing?: boolean;
	/** Variables for the server besides its own. */
	readonly env?: Record<string, string>;
	/** The server has a page, and peers connect as it does. */
	readonly isPaged?: boolean;
	/** The server has no guest list. */
	readonly isOpen?: boolean;
	/** Where to make the keys folder: by default, among the temporary files. */
	readonly keysIn?: string;
	/** The server ends with its last member, as it does without `--stay`. */
	readonly endsWhenEmpty?: boolean;
}

function launchServer(
	keys: string,
	mailbox: Mailbox,
	flags: string[],
	{
		isLocal = false,
		within = [],
		redirection = "",
		isMailing = false,
		isOpen = !isMailing,
		endsWhenEmpty = false,
		isPaged = false,
		env: more,
	}: How = {},
): RunningServer {
	const place = ["--port", "0", "--keys", keys, "--state", stateOf(keys), "--smtp", mailbox.url];
	const mailing = isMailing ? ["--mailer", mailbox.url] : [];
	const list = isOpen ? [] : ["--allow", "@gmail.com"];
	const stay = endsWhenEmpty ? [] : ["--stay"];
	const web = isPaged ? ["--web", "0"] : [];
	const args = [...place, ...stay, ...web, ...mailing, ...list, ...UNHURRIED, ...flags];
	const env = { ...mailbox.trust, ...(isMailing && MAILER), ...more };
	const shell = redirection === "" ? [] : ["sh", "-c", `exec "$0" "$@" ${redirection}`];
	return isLocal
		? new LocalServer(args, env)
		: new Program("server.ts", args, env, [...within, ...shell]);
}

async function listening(server: RunningServer, { isPaged }: How): Promise<RunningServer> {
	await server.waitForOutput(isPaged ? "terminal join at" : "listens on");
	return server;
}

/** How peers reach a room: the same tests run over both. */
export const TRANSPORTS: [transport: string, how: How][] = [
	["over a socket", { isLocal: true }],
	["over a page's WebSocket", { isLocal: true, isPaged: true }],
];

/** A mailbox, a keys folder and a server, for one test. */
export class Stage implements AsyncDisposable {
	readonly #mailbox: Mailbox;
	readonly #programs: AsyncDisposable[] = [];

	private constructor(
		readonly keys: string,
		mailbox: Mailbox,
		/** How all servers of the stage are started. */
		private readonly how: How,
		/** The server that runs now. */
		public server: RunningServer,
	) {
		this.#mailbox = mailbox;
	}

	/** Opens a room that stays open; `flags` are for `bun server.ts`. */
	static open(...flags: string[]): Promise<Stage> {
		return Stage.openWith({}, ...flags);
	}

	/** The same, in this process: for a test that neither kills the server nor measures it. */
	static local(...flags: string[]): Promise<Stage> {
		return Stage.openWith({ isLocal: true }, ...flags);
	}

	static async openWith(how: How, ...flags: string[]): Promise<Stage> {
		const keys = await mkdtemp(join(how.keysIn ?? tmpdir(), "fernet-chat-keys-"));
		// A process reads the authorities that it trusts when it starts, and this one runs already.
		const mailbox = await openMailbox(undefined, how.isLocal);
		const server = await listening(launchServer(keys, mailbox, flags, how), how);
		return new Stage(keys, mailbox, how, server);
	}

	/** Waits for the server to end; starts another one with the same folders and mailbox. */
	async reopen(...flags: string[]): Promise<void> {
		await this.relaunch(...flags);
		await listening(this.server, this.how);
	}

	/** The same, but does not wait until the new server is ready. */
	async relaunch(...flags: string[]): Promise<void> {
		await this.server.exit();
		this.server = launchServer(this.keys, this.#mailbox, flags, this.how);
	}

	get isLocal(): boolean {
		return this.how.isLocal ?? false;
	}

	get port(): number {
		return Number(/listens on \S+:(\d+)/.exec(this.server.out)?.[1]);
	}

	/** Where the page is, for a server that has one. */
	get url(): URL {
		return new URL(/terminal join at: (\S+)/.exec(this.server.out)?.[1] ?? "");
	}

	get isPaged(): boolean {
		return this.how.isPaged ?? false;
	}

	/** Connects to the room. */
	readonly knock = (from: { localAddress?: string; allowHalfOpen?: boolean } = {}): ClientSocket =>
		this.isPaged
			? new PageSocket(Number(this.url.port), from)
			: connect({ port: this.port, host: "127.0.0.1", ...from });

	/** The folder for what outlives the server. */
	get state(): string {
		return stateOf(this.keys);
	}

	/** The addresses of all logins that the mailbox was asked to check. */
	get logins(): string[] {
		return this.#mailbox.logins;
	}

	/** The mails that the mailbox was given to send. */
	get mails(): Mail[] {
		return this.#mailbox.mails;
	}

	/** The session keys in the folder. */
	async keyFiles(): Promise<string[]> {
		return (await readdir(this.keys)).filter((name) => name.endsWith(".key"));
	}

	/** Arguments of `bun client.ts` for joining here. */
	clientArgs(...flags: string[]): string[] {
		return [`127.0.0.1:${this.port}`, "--keys", this.keys, ...flags];
	}

	/** Starts a bot under a name; its address is made from the name. */
	bot(name: string, password = PASSWORD, port = this.port, ...flags: string[]): Bot {
		const [args, env] = this.#botArgs(name, password, port);
		return this.tidy(Bot.local([...args, ...flags], env));
	}

	/** Starts a bot, and waits for its welcome. */
	async member(name: string, ...flags: string[]): Promise<Bot> {
		const bot = this.bot(name, PASSWORD, this.port, ...flags);
		await bot.waitFor({ type: "welcome" });
		return bot;
	}

	/** Starts a bot that is a program of its own. */
	botProgram(
		name: string,
		password = PASSWORD,
		port = this.port,
		more: Record<string, string> = {},
	): Bot {
		const [args, env] = this.#botArgs(name, password, port);
		return this.tidy(Bot.program(args, { ...env, ...more }));
	}

	/** The same, and waits for its welcome. */
	async memberProgram(name: string, more: Record<string, string> = {}): Promise<Bot> {
		const bot = this.botProgram(name, PASSWORD, this.port, more);
		await bot.waitFor({ type: "welcome" });
		return bot;
	}

	#botArgs(name: string, password: string, port: number): [string[], Record<string, string>] {
		const who = ["--name", name, "--email", addressOf(name)];
		const args = [`127.0.0.1:${port}`, "--keys", this.keys, ...who];
		return [args, { FERNET_CHAT_PASSWORD: password }];
	}

	/** Disposes of `thing` with the stage. */
	readonly tidy = <T extends AsyncDisposable>(thing: T): T => {
		this.#programs.push(thing);
		return thing;
	};

	async [Symbol.asyncDispose](): Promise<void> {
		for (const program of this.#programs) await program[Symbol.asyncDispose]();
		await this.server[Symbol.asyncDispose]();
		await this.#mailbox[Symbol.asyncDispose]();
		await rm(this.keys, { recursive: true, force: true });
	}
}
