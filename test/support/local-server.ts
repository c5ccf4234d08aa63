import { EventEmitter } from "node:events";
import { closeSync, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serverOptions } from "../../lib/options/server.ts";
import { describeError, type Sources } from "../../lib/options/sources.ts";
import { runServer } from "../../lib/server/run.ts";
import { systemClocks } from "../../lib/util/clock.ts";
import { ChatError } from "../../lib/util/errors.ts";
import { loadPage } from "./built-page.ts";
import { eventually } from "./eventually.ts";
import type { Program } from "./programs.ts";

/** What a test can do with a server, whether it is a program of its own or not. */
export type RunningServer = Pick<
	Program,
	"out" | "err" | "pid" | "exit" | "waitForOutput" | "kill" | keyof AsyncDisposable
>;

/** No such folder: a test must not read the bans of a room of this machine's user. */
export const NO_STATE = { XDG_STATE_HOME: "/nonexistent" };

/** For reading a log. Many looks find nothing, and each of them would make one. */
const buffer = Buffer.alloc(64 * 1024);

/** Signals that the server answers by stopping. */
const GENTLE = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * The whole server but for the few lines of server.ts, in this process: a program costs a tenth of
 * a second of the processor to start, and half as much to load what its first login needs.
 */
export class LocalServer implements RunningServer {
	out = "";
	#err = "";
	/** How many bytes of the log have been read. */
	#read = 0;
	/** A file without a name, so that nothing is left behind. */
	readonly #log: number;
	readonly #signals = new EventEmitter();
	readonly #ended: Promise<number>;
	#hasEnded = false;

	constructor(args: string[], environment: Record<string, string>) {
		const folder = mkdtempSync(join(tmpdir(), "fernet-chat-log-"));
		this.#log = openSync(join(folder, "log"), "w+");
		rmSync(folder, { recursive: true });
		this.#ended = this.#run(args, environment);
	}

	async #run(args: string[], environment: Record<string, string>): Promise<number> {
		let sources: Sources = {};
		try {
			const options = serverOptions(args, { ...NO_STATE, ...environment });
			if (typeof options === "string") throw new Error("there is nothing to run");
			({ sources } = options);
			await runServer(options, {
				print: (line) => {
					this.out += `${line}\n`;
				},
				logDescriptor: this.#log,
				signals: this.#signals,
				hasTerminal: () => false,
				clocks: systemClocks,
				loadPage,
			});
			return 0;
		} catch (error) {
			if (!(error instanceof ChatError)) throw error;
			this.#err += `${describeError(error, sources)}\n`;
			return 1;
		} finally {
			this.#readLog();
			this.#hasEnded = true;
			closeSync(this.#log);
		}
	}

	get err(): string {
		if (!this.#hasEnded) this.#readLog();
		return this.#err;
	}

	#readLog(): void {
		for (;;) {
			const count = readSync(this.#log, buffer, 0, buffer.length, this.#read);
			if (count === 0) return;
			this.#read += count;
			this.#err += buffer.toString("utf8", 0, count);
		}
	}

	get pid(): never {
		throw new Error("only a program has a process of its own");
	}

	exit(): Promise<number> {
		return this.#ended;
	}

	async waitForOutput(text: string | RegExp): Promise<void> {
		const printed = () => `${this.out}${this.err}`;
		await eventually(String(text), () => printed().search(text) >= 0, printed);
	}

	kill(signal: NodeJS.Signals = "SIGTERM"): void {
		if (!GENTLE.includes(signal)) throw new Error(`only a program can be sent ${signal}`);
		this.#signals.emit(signal);
	}

	/** Waits for the end, so that nothing is written into folders that are gone. */
	async [Symbol.asyncDispose](): Promise<void> {
		this.kill();
		await this.#ended;
	}
}
