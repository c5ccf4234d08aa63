import { constants } from "node:fs";
import { type FileHandle, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "./eventually.ts";
import { PASSWORD } from "./mailbox.ts";
import { ROOT } from "./root.ts";

/** A client whose output goes into a pipe that nobody reads, until a test does. */
export class UnreadClient implements AsyncDisposable {
	/** The end of what was read from the pipe: there may be much of it. */
	#out = "";
	readonly #folder: string;
	readonly #pipe: FileHandle;
	readonly #process: Bun.Subprocess;

	private constructor(folder: string, pipe: FileHandle, args: string[]) {
		this.#folder = folder;
		this.#pipe = pipe;
		this.#process = Bun.spawn([process.execPath, join(ROOT, "client.ts"), ...args], {
			env: { PATH: process.env.PATH, HOME: process.env.HOME, FERNET_CHAT_PASSWORD: PASSWORD },
			stdin: "pipe",
			stdout: pipe.fd,
			stderr: "ignore",
		});
	}

	/** `args` are those of `bun client.ts`, but for the name. */
	static async start(name: string, ...args: string[]): Promise<UnreadClient> {
		const folder = await mkdtemp(join(tmpdir(), "fernet-chat-unread-"));
		const path = join(folder, "pipe");
		Bun.spawnSync(["mkfifo", path]);
		// Open for both, so that the pipe has a reader, and reading never waits.
		const pipe = await open(path, constants.O_RDWR | constants.O_NONBLOCK);
		const who = ["--name", name, "--email", `${name}@gmail.com`];
		return new UnreadClient(folder, pipe, [...args, ...who]);
	}

	get pid(): number {
		return this.#process.pid;
	}

	/** Reads the output until a text has come. */
	async readUntil(text: string): Promise<void> {
		await eventually(
			text,
			() => this.#read(text),
			() => this.#out.slice(-500),
		);
	}

	async #read(text: string): Promise<boolean> {
		const buffer = Buffer.alloc(64 * 1024);
		while (!this.#out.includes(text)) {
			const { bytesRead } = await this.#pipe.read(buffer).catch((error) => {
				if (error.code !== "EAGAIN") throw error;
				return { bytesRead: 0 };
			});
			if (bytesRead === 0) return false;
			this.#out = this.#out.slice(-text.length) + buffer.toString("latin1", 0, bytesRead);
		}
		return true;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#process.kill("SIGKILL");
		await this.#process.exited;
		await this.#pipe.close();
		await rm(this.#folder, { recursive: true });
	}
}
