import { readFileSync, statSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "./eventually.ts";
import { ROOT } from "./root.ts";

const PROMPT = "$ ";

/** A shell with job control in tmux, as a person has it. */
export class Shell implements AsyncDisposable {
	readonly #folder: string;
	readonly #env: Record<string, string>;
	/** What is on the screen, until more has been written than these bytes. */
	#seen: { readonly bytes: number; readonly text: string } | undefined;

	private constructor(folder: string, env: Record<string, string>) {
		this.#folder = folder;
		this.#env = {
			PATH: process.env.PATH ?? "",
			HOME: folder,
			XDG_CONFIG_HOME: "/dev/null",
			...env,
		};
	}

	static async open(env: Record<string, string> = {}): Promise<Shell> {
		const folder = await mkdtemp(join(tmpdir(), "fernet-chat-shell-"));
		const shell = new Shell(folder, { LC_ALL: "C.UTF-8", ...env });
		// A shell that tmux starts through another loses its prompt.
		const bash = ["env", `PS1=${PROMPT}`, "bash", "--norc"];
		shell.#tmux("-f", "/dev/null", "new-session", "-d", "-x", "100", "-y", "40", ...bash);
		// What is written, for modes that a screen does not show.
		shell.#tmux("pipe-pane", `cat >${shell.#written}`);
		await shell.waitForText(/\$ *$/);
		return shell;
	}

	get #written(): string {
		return join(this.#folder, "written");
	}

	#tmux(...args: string[]): string {
		const socket = join(this.#folder, "socket");
		const { stdout, stderr, success } = Bun.spawnSync(["tmux", "-S", socket, "-u", ...args], {
			env: this.#env,
		});
		if (!success) throw new Error(`tmux ${args[0]}: ${stderr}`);
		return stdout.toString();
	}

	type(keys: string): void {
		const bytes = Array.from(Buffer.from(keys), (byte) => byte.toString(16));
		this.#tmux("send-keys", "-H", ...bytes);
	}

	/** Types a command that starts a client. */
	start(args: readonly string[], after = ""): void {
		const client = [process.execPath, join(ROOT, "client.ts"), ...args];
		this.type(`${client.map((word) => `'${word}'`).join(" ")}${after}\r`);
	}

	resize(columns: number, rows: number): void {
		this.#tmux("resize-window", "-x", String(columns), "-y", String(rows));
		this.#seen = undefined;
	}

	/** All that is on the screen and above it, without trailing blanks. */
	get text(): string {
		// Asking tmux takes a process, and most looks find nothing new.
		const bytes = statSync(this.#written, { throwIfNoEntry: false })?.size ?? 0;
		if (this.#seen?.bytes !== bytes) {
			const text = this.#tmux("capture-pane", "-p", "-S", "-");
			this.#seen = { bytes, text: text.replaceAll(/ +$/gm, "").trimEnd() };
		}
		return this.#seen.text;
	}

	/** The text below the last line that matches. */
	below(line: RegExp): string {
		const lines = this.text.split("\n");
		return lines.slice(lines.findLastIndex((each) => line.test(each)) + 1).join("\n");
	}

	async waitForText(text: RegExp, where = (): string => this.text): Promise<void> {
		await eventually(`on the screen: ${text}`, () => text.test(where()), where);
	}

	/** Waits until the shell has the terminal, and shows that it has the keyboard, too. */
	async waitForPrompt(): Promise<void> {
		await this.waitForText(/Stopped|suspended/, () => this.below(/^\$ fg/));
		this.type("echo $((40 + 2))\r");
		await this.waitForText(/^42$/m, () => this.below(/Stopped|suspended/));
	}

	/** The process ids of the shell's children. */
	get children(): number[] {
		const shell = this.#tmux("display-message", "-p", "#{pane_pid}").trim();
		const children = readFileSync(`/proc/${shell}/task/${shell}/children`, "utf8");
		return children.trim().split(" ").map(Number);
	}

	/** Every byte that was written on the terminal. */
	written(): Promise<string> {
		return readFile(this.#written, "utf8");
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#tmux("kill-server");
		await rm(this.#folder, { recursive: true, force: true });
	}
}
