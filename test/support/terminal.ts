import { join } from "node:path";
import { Terminal as Emulator } from "@xterm/headless";
import { eventually } from "./eventually.ts";
import { LocalTerminal } from "./local-terminal.ts";
import { ROOT } from "./root.ts";

// Bits of termios' c_lflag on Linux.
const ICANON = 0o2;
const ECHO = 0o10;

/** No file can be saved under a device, so no test sees what another test has typed. */
const NO_MEMORY = { XDG_CONFIG_HOME: "/dev/null" };
/** Adjacent characters of one look; `colour` is the terminal's number for the colour. */
export interface Run {
	text: string;
	readonly column: number;
	readonly look: {
		readonly colour: number | null;
		readonly isBold: boolean;
		readonly isDim: boolean;
		readonly isInverse: boolean;
	};
}

/** A program on a pseudo-terminal, and the screen as a person would see it. */
export class Screen implements AsyncDisposable {
	/** Every byte that the program has written. */
	written = "";
	/** The lines, and all as one text, until the emulator has taken more. */
	#lines: string[] | undefined;
	#text: string | undefined;
	readonly #emulator: Emulator;
	readonly #process: Bun.Subprocess | LocalTerminal;
	readonly #decoder = new TextDecoder();

	constructor(
		script: string,
		args: string[],
		{
			env = {},
			cols = 80,
			rows = 24,
			within = [],
			isLocal = false,
		}: {
			env?: Record<string, string>;
			cols?: number;
			rows?: number;
			/** A command to run the program in. */
			within?: string[];
			/** The client runs in this process: nobody kills, stops or measures it. */
			isLocal?: boolean;
		} = {},
	) {
		this.#emulator = new Emulator({ cols, rows, scrollback: 10_000, allowProposedApi: true });
		const environment = {
			...{ PATH: process.env.PATH, HOME: process.env.HOME, TERM: "xterm-256color" },
			...("HOME" in env || "XDG_CONFIG_HOME" in env ? {} : NO_MEMORY),
			...env,
		};
		const terminal = {
			cols,
			rows,
			data: (_: Bun.Terminal, bytes: Uint8Array) => this.#show(bytes),
		};
		this.#process = isLocal
			? new LocalTerminal(args, environment, terminal)
			: Bun.spawn([...within, process.execPath, join(ROOT, script), ...args], {
					env: environment,
					terminal,
				});
		this.#emulator.onWriteParsed(() => this.#forgetLines());
		// A program may ask its terminal where the cursor is, for instance: this answers.
		this.#emulator.onData((answer) => this.type(answer));
	}

	#show(bytes: Uint8Array): void {
		this.written += this.#decoder.decode(bytes, { stream: true });
		this.#emulator.write(bytes);
	}

	get #program(): Bun.Subprocess {
		if (this.#process instanceof LocalTerminal) throw new Error("this is no program of its own");
		return this.#process;
	}

	type(keys: string | Uint8Array): void {
		this.#process.terminal?.write(keys);
	}

	resize(cols: number, rows: number): void {
		this.#emulator.resize(cols, rows);
		this.#forgetLines();
		if (this.#process instanceof LocalTerminal) this.#process.resize(cols, rows);
		else this.#process.terminal?.resize(cols, rows);
	}

	get pid(): number {
		return this.#program.pid;
	}

	/** Closes the terminal, as closing its window does. */
	hangUp(): void {
		this.#program.terminal?.close();
	}

	kill(signal: NodeJS.Signals): void {
		this.#process.kill(signal);
	}

	/** All lines, scrolled away or visible, without trailing blanks. */
	get lines(): string[] {
		this.#lines ??= this.#readLines();
		return [...this.#lines];
	}

	#forgetLines(): void {
		this.#lines = undefined;
		this.#text = undefined;
	}

	#readLines(): string[] {
		const { active } = this.#emulator.buffer;
		const lines = Array.from({ length: active.length }, (_, row) =>
			(active.getLine(row)?.translateToString(true) ?? "").trimEnd(),
		);
		while (lines.at(-1) === "") lines.pop();
		return lines;
	}

	/** The lines that are on the screen now, each split into runs of one look. */
	get runs(): Run[][] {
		const { active } = this.#emulator.buffer;
		return Array.from({ length: this.#emulator.rows }, (_, row) => {
			const runs: Run[] = [];
			const line = active.getLine(active.baseY + row);
			for (let column = 0; column < this.#emulator.cols; column++) {
				const cell = line?.getCell(column);
				if (!cell || cell.getWidth() === 0) continue;
				const look = {
					colour: cell.isFgDefault() ? null : cell.getFgColor(),
					isBold: cell.isBold() !== 0,
					isDim: cell.isDim() !== 0,
					isInverse: cell.isInverse() !== 0,
				};
				const last = runs.at(-1);
				const text = cell.getChars() || " ";
				if (last && Bun.deepEquals(last.look, look)) last.text += text;
				else runs.push({ text, column, look });
			}
			return runs;
		});
	}

	get text(): string {
		this.#text ??= this.lines.join("\n");
		return this.#text;
	}

	/** The cursor's line, counted from the first ever written, and its column, from 0. */
	get cursor(): { line: number; column: number } {
		const { active } = this.#emulator.buffer;
		return { line: active.baseY + active.cursorY, column: active.cursorX };
	}

	/** Waits until a text has appeared. */
	async waitForText(text: string | RegExp): Promise<void> {
		await eventually(
			`on the screen: ${text}`,
			() => this.text.search(text) >= 0,
			() => this.text,
		);
	}

	/** Whether the terminal reads whole lines and echoes them, as a shell leaves it. */
	get isCooked(): boolean {
		const flags = this.#process.terminal?.localFlags ?? 0;
		return (flags & ICANON) !== 0 && (flags & ECHO) !== 0;
	}

	exit(): Promise<number> {
		return this.#process.exited;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		if (this.#process instanceof LocalTerminal) await this.#process[Symbol.asyncDispose]();
		else {
			this.#process.kill("SIGKILL");
			await this.#process.exited;
			this.#process.terminal?.close();
		}
		this.#emulator.dispose();
	}
}
