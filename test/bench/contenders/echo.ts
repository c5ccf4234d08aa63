import { join } from "node:path";
import type { Member } from "../member.ts";
import { BYTES, MARK } from "../texts.ts";
import { type Contender, lastLine, lineReader, printedPort } from "./contender.ts";

const SERVER = join(import.meta.dir, "echo-server.ts");

/** A bare TCP server that answers lines of one size with lines of another: see echo-server.ts. */
export class Echo implements Contender {
	readonly isEncrypted = false;
	readonly isShared = true;
	readonly port: number;
	readonly #server: Bun.Subprocess;
	readonly #asked: number;

	private constructor(server: Bun.Subprocess, port: number, asked: number) {
		this.#server = server;
		this.port = port;
		this.#asked = asked;
	}

	/** Sizes in bytes, each with its newline. */
	static async open(asked: number, answered: number): Promise<Echo> {
		const server = Bun.spawn([process.execPath, SERVER, `${answered}`], { stdout: "pipe" });
		return new Echo(server, await printedPort(server), asked);
	}

	get pid(): number {
		return this.#server.pid;
	}

	/** One after the other, so that no two lines come at once. */
	async enter(member: Member, i: number): Promise<void> {
		const hello = `member ${i} `;
		member.write(this.say(i, hello));
		await member.hears(hello);
	}

	isMarked(tail: Buffer): boolean {
		return lastLine(tail)?.trimEnd() === MARK;
	}

	say(_: number, text: string): Uint8Array {
		return Buffer.from(`${text.padEnd(this.#asked - 1)}\n`, "latin1");
	}

	reader = () => lineReader((line) => [line.slice(0, BYTES)]);

	async [Symbol.asyncDispose](): Promise<void> {
		this.#server.kill("SIGKILL");
		await this.#server.exited;
	}
}
