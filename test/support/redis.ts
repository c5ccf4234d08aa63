import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "./eventually.ts";
import { quietPort } from "./quiet-port.ts";

/** Nothing that Redis has taken is lost, and nothing is kept but the append-only file. */
export const DURABLE = ["--appendonly", "yes", "--appendfsync", "always"];

/** A redis-server of our own, on a port that stays the same, with a folder that does too. */
export class Redis implements AsyncDisposable {
	#process: Bun.Subprocess | null = null;

	private constructor(
		readonly folder: string,
		readonly port: number,
		private readonly flags: readonly string[],
	) {}

	/** `flags` are for redis-server. */
	static async start(...flags: string[]): Promise<Redis> {
		const folder = await mkdtemp(join(tmpdir(), "fernet-chat-redis-"));
		const redis = new Redis(folder, quietPort(), flags.length === 0 ? DURABLE : flags);
		await redis.restart();
		return redis;
	}

	/** Another one, not started yet, with a copy of what this one has on disk. */
	async copy(): Promise<Redis> {
		const folder = await mkdtemp(join(tmpdir(), "fernet-chat-redis-"));
		await cp(this.folder, folder, { recursive: true });
		return new Redis(folder, quietPort(), this.flags);
	}

	/** The file to which it appends what it does. */
	get appendOnlyFile(): string {
		return join(this.folder, "appendonlydir", "appendonly.aof.1.incr.aof");
	}

	get url(): string {
		return `redis://127.0.0.1:${this.port}`;
	}

	/** Starts it again after `stop`. */
	async restart(): Promise<void> {
		const place = ["--bind", "127.0.0.1", "--port", String(this.port), "--dir", this.folder];
		this.#process = Bun.spawn(["redis-server", ...place, "--save", "", ...this.flags], {
			stdio: ["ignore", "ignore", "ignore"],
		});
		await eventually("redis", async () => (await this.cli("PING")) !== "");
	}

	/** Ends it, by default at once and without a word. */
	async stop(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
		this.#process?.kill(signal);
		await this.#process?.exited;
		this.#process = null;
	}

	freeze(): void {
		this.#process?.kill("SIGSTOP");
	}

	thaw(): void {
		this.#process?.kill("SIGCONT");
	}

	/** What `redis-cli` prints; empty if it cannot connect. */
	async cli(...command: string[]): Promise<string> {
		const cli = Bun.spawn(["redis-cli", "-p", String(this.port), ...command], {
			stdio: ["ignore", "pipe", "ignore"],
		});
		return (await new Response(cli.stdout).text()).trim();
	}

	/** The keys that it does not delete by itself. */
	async lastingKeys(database = 0): Promise<string[]> {
		const cli = (...command: string[]) => this.cli("-n", String(database), ...command);
		const keys = (await cli("KEYS", "*")).split("\n").filter(Boolean);
		const times = await Promise.all(keys.map((key) => cli("PTTL", key)));
		return keys.filter((_, index) => times[index] === "-1");
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.thaw();
		await this.stop();
		await rm(this.folder, { recursive: true, force: true });
	}
}
