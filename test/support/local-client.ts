import { PassThrough, Writable } from "node:stream";
import type { ReadStream, WriteStream } from "node:tty";
import { runClient } from "../../lib/client/client.ts";
import { clientOptions } from "../../lib/options/client.ts";
import { describeError, type Sources } from "../../lib/options/sources.ts";
import { ChatError } from "../../lib/util/errors.ts";
import { loadPage } from "./built-page.ts";
import { eventually } from "./eventually.ts";
import type { Program } from "./programs.ts";

/** What a test can do with a client, whether it is a program of its own or not. */
export type Client = Omit<Program, "pid">;

const NO_TERMINAL = { canAsk: false, canDraw: false };
/** Signals that client.ts answers by leaving. */
const GENTLE = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * The whole client but for the few lines of client.ts, in this process: a program takes ten times
 * as long to start.
 */
export class LocalClient implements Client {
	out = "";
	err = "";
	readonly #input = new PassThrough();
	readonly #end = new AbortController();
	readonly #ended: Promise<number>;

	constructor(args: string[], environment: Record<string, string>) {
		this.#ended = this.#run(args, environment);
	}

	async #run(args: string[], environment: Record<string, string>): Promise<number> {
		const output = new Writable({
			write: (chunk, _, done) => {
				this.out += chunk;
				done();
			},
		});
		const exits: (() => void)[] = [];
		let sources: Sources = {};
		try {
			const options = clientOptions(args, environment, NO_TERMINAL);
			if (typeof options === "string") throw new Error("there is nothing to run");
			({ sources } = options);
			return await runClient(options, {
				input: this.#input as unknown as ReadStream,
				output: output as unknown as WriteStream,
				environment,
				signal: this.#end.signal,
				// Only a client on a terminal listens to them.
				signals: process,
				atExit: (action) => exits.push(action),
				loadPage,
			});
		} catch (error) {
			if (!(error instanceof ChatError)) throw error;
			this.err += `${describeError(error, sources)}\n`;
			return 1;
		} finally {
			for (const action of exits) action();
		}
	}

	exit(): Promise<number> {
		return this.#ended;
	}

	async waitForOutput(text: string | RegExp): Promise<void> {
		const printed = () => `${this.out}${this.err}`;
		await eventually(String(text), () => printed().search(text) >= 0, printed);
	}

	write(input: string | Buffer): void {
		this.#input.write(input);
	}

	endInput(): void {
		this.#input.end();
	}

	kill(signal: NodeJS.Signals = "SIGTERM"): void {
		if (!GENTLE.includes(signal)) throw new Error(`only a program can be sent ${signal}`);
		this.#end.abort();
	}

	/** Does not wait for the end: a server that stands still would keep the client for seconds. */
	async [Symbol.asyncDispose](): Promise<void> {
		this.#end.abort();
	}
}
