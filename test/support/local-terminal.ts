import { EventEmitter } from "node:events";
import { closeSync, constants, openSync, readdirSync, readlinkSync, writeSync } from "node:fs";
import { Readable, Writable } from "node:stream";
import { type ReadStream, WriteStream } from "node:tty";
import { runClient } from "../../lib/client/client.ts";
import type { JobSignals } from "../../lib/client/keyboard/job-control.ts";
import { clientOptions } from "../../lib/options/client.ts";
import { describeError, type Sources } from "../../lib/options/sources.ts";
import { ChatError } from "../../lib/util/errors.ts";
import { loadPage } from "./built-page.ts";

type Environment = Record<string, string | undefined>;

/** Variables that change a whole process. */
const PROGRAM_ONLY = ["HOME", "TZ", "BUN_OPTIONS", "LD_PRELOAD"];

/** A byte that the client never writes: it follows the last one that it does. */
const END = 0;

/** Signals that client.ts answers by leaving. */
const GENTLE = ["SIGINT", "SIGTERM", "SIGHUP"];

/** The terminals that this process has open, as a program on them opens them. */
const openTerminals = (): string[] =>
	readdirSync("/proc/self/fd").flatMap((fd) => {
		try {
			const path = readlinkSync(`/proc/self/fd/${fd}`);
			return path.startsWith("/dev/pts/") && path !== "/dev/pts/ptmx" ? [path] : [];
		} catch {
			return [];
		}
	});

/** What is typed. The runtime's own stream keeps a thread while it waits, and there are few. */
function inputOf(path: string, terminal: Bun.Terminal): ReadStream {
	const setRawMode = (isRaw: boolean) => terminal.setRawMode(isRaw);
	const typed = Readable.fromWeb(Bun.file(path).stream());
	return Object.assign(typed, { isTTY: true, setRawMode }) as unknown as ReadStream;
}

const isFull = (error: unknown): boolean =>
	error instanceof Error && "code" in error && error.code === "EAGAIN";

/** Milliseconds until a terminal that was full is tried again. */
const STEP = 1;

/** What is shown. The runtime's own stream waits until it has been read, which this process does itself. */
class TerminalOutput extends Writable {
	readonly isTTY = true;
	readonly #descriptor: number;

	constructor(
		path: string,
		public columns: number,
		public rows: number,
		private readonly environment: Environment,
	) {
		super();
		this.#descriptor = openSync(
			path,
			constants.O_WRONLY | constants.O_NOCTTY | constants.O_NONBLOCK,
		);
	}

	override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error) => void): void {
		try {
			const taken = writeSync(this.#descriptor, chunk);
			if (taken === chunk.length) done();
			else this._write(chunk.subarray(taken), _, done);
		} catch (error) {
			if (!isFull(error)) done(error as Error);
			else setTimeout(() => this._write(chunk, _, done), STEP);
		}
	}

	override _destroy(error: Error | null, done: (error: Error | null) => void): void {
		closeSync(this.#descriptor);
		done(error);
	}

	hasColors(): boolean {
		return WriteStream.prototype.getColorDepth.call(this, this.environment) > 2;
	}
}

/**
 * The whole client but for the few lines of client.ts, in this process, on a pseudo-terminal of its
 * own: a program takes ten times as long to start.
 */
export class LocalTerminal implements AsyncDisposable {
	readonly terminal: Bun.Terminal;
	readonly exited: Promise<number>;
	readonly #input: ReadStream;
	readonly #output: TerminalOutput;
	readonly #end = new AbortController();
	/** Resolved when the test has been given all that the client has written. */
	readonly #shown = Promise.withResolvers<unknown>();
	readonly #signals = Object.assign(new EventEmitter(), {
		platform: process.platform,
		kill: () => {
			throw new Error("only a program can be stopped");
		},
	}) as unknown as JobSignals & EventEmitter;

	constructor(
		args: string[],
		environment: Environment,
		options: {
			cols: number;
			rows: number;
			data: (terminal: Bun.Terminal, bytes: Uint8Array) => void;
		},
	) {
		const own = PROGRAM_ONLY.find(
			(name) => name in environment && environment[name] !== process.env[name],
		);
		if (own !== undefined) throw new Error(`only a program can be given ${own}`);
		const others = openTerminals();
		const data = (terminal: Bun.Terminal, bytes: Uint8Array): void => {
			const end = this.#output.writableEnded ? bytes.indexOf(END) : -1;
			options.data(terminal, end < 0 ? bytes : bytes.subarray(0, end));
			if (end >= 0) this.#shown.resolve();
		};
		this.terminal = new Bun.Terminal({ ...options, data });
		const path = openTerminals().find((path) => !others.includes(path)) ?? "none";
		this.#input = inputOf(path, this.terminal);
		this.#output = new TerminalOutput(path, options.cols, options.rows, environment);
		for (const stream of [this.#input, this.#output]) stream.on("error", () => this.#end.abort());
		for (const signal of GENTLE) this.#signals.on(signal, () => this.#end.abort());
		this.exited = this.#run(args, environment);
	}

	async #run(args: string[], environment: Environment): Promise<number> {
		const exits: (() => void)[] = [];
		let sources: Sources = {};
		try {
			const options = clientOptions(args, environment, { canAsk: true, canDraw: true });
			if (typeof options === "string") throw new Error("there is nothing to run");
			({ sources } = options);
			return await runClient(options, {
				input: this.#input,
				output: this.#output as unknown as WriteStream,
				environment,
				signal: this.#end.signal,
				signals: this.#signals,
				atExit: (action) => exits.push(action),
				loadPage,
			});
		} catch (error) {
			if (!(error instanceof ChatError)) throw error;
			this.#output.write(`${describeError(error, sources)}\n`);
			return 1;
		} finally {
			for (const action of exits) action();
			this.#output.on("error", this.#shown.resolve).end(Uint8Array.of(END));
			await this.#shown.promise;
			this.#input.destroy();
		}
	}

	resize(cols: number, rows: number): void {
		this.terminal.resize(cols, rows);
		this.#output.columns = cols;
		this.#output.rows = rows;
		this.#output.emit("resize");
	}

	kill(signal: NodeJS.Signals): void {
		if (!GENTLE.includes(signal)) throw new Error(`only a program can be sent ${signal}`);
		this.#signals.emit(signal);
	}

	/** Does not wait for the end: a server that stands still would keep the client for seconds. */
	async [Symbol.asyncDispose](): Promise<void> {
		this.#end.abort();
		void this.exited.then(() => this.terminal.close());
	}
}
