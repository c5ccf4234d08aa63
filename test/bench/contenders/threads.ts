import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Fernet, generateKey } from "../../../lib/wire/crypto/fernet.ts";
import { INSTALL_PYTHON, pythonWithFernet } from "../../support/python.ts";
import type { Member } from "../member.ts";
import type { Read } from "../stream.ts";
import { MARK } from "../texts.ts";
import { type Contender, lastLine, lineReader, printedPort } from "./contender.ts";

const SERVER = join(import.meta.dir, "threads.py");

/** A server in Python: threads, sockets, and a separate encryption for each receiver. */
export class Threads implements Contender {
	readonly isEncrypted = false;
	readonly isShared = false;
	readonly port: number;
	readonly #server: Bun.Subprocess;
	readonly #keys: string;
	readonly #fernets: Fernet[] = [];

	private constructor(server: Bun.Subprocess, port: number, keys: string) {
		this.#server = server;
		this.port = port;
		this.#keys = keys;
	}

	static missing(): string | null {
		return pythonWithFernet() ? null : INSTALL_PYTHON;
	}

	static async open(): Promise<Threads> {
		const keys = await mkdtemp(join(tmpdir(), "fernet-chat-threads-"));
		const server = Bun.spawn([pythonWithFernet() ?? "", SERVER, keys], { stdout: "pipe" });
		return new Threads(server, await printedPort(server), keys);
	}

	get pid(): number {
		return this.#server.pid;
	}

	async enter(member: Member, i: number): Promise<void> {
		const key = generateKey();
		this.#fernets[i] = new Fernet(key);
		await writeFile(join(this.#keys, `${i}.key`), key);
		member.write(Buffer.from(`${i}\n`));
		await member.hears("\n");
	}

	isMarked(tail: Buffer, i: number): boolean {
		const line = lastLine(tail);
		return line !== null && this.#opened(line, i) === MARK;
	}

	say(i: number, text: string): Uint8Array {
		return Buffer.from(`${this.#fernets[i]?.encrypt(text)}\n`, "latin1");
	}

	reader(i: number): Read {
		return lineReader((line) => [this.#opened(line, i)]);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#server.kill("SIGKILL");
		await this.#server.exited;
		await rm(this.#keys, { recursive: true });
	}

	#opened(token: string, i: number): string {
		return this.#fernets[i]?.decrypt(token).toString("latin1") ?? "";
	}
}
