import { join } from "node:path";
import type { Member } from "../member.ts";
import { MARK } from "../texts.ts";
import { type Contender, lastLine, lineReader, printedPort } from "./contender.ts";

const SERVER = join(import.meta.dir, "bound-server.ts");

/** What no room can do without: see bound-server.ts. It sends each text and a newline, 65 bytes. */
export class Bound implements Contender {
	readonly isEncrypted = false;
	readonly isShared = true;
	readonly port: number;
	readonly #server: Bun.Subprocess;

	private constructor(server: Bun.Subprocess, port: number) {
		this.#server = server;
		this.port = port;
	}

	static async open(): Promise<Bound> {
		const server = Bun.spawn([process.execPath, SERVER], { stdout: "pipe" });
		return new Bound(server, await printedPort(server));
	}

	get pid(): number {
		return this.#server.pid;
	}

	/** Everybody hears of everybody. */
	async enter(member: Member, i: number): Promise<void> {
		const hello = `member ${i}`;
		member.write(Buffer.from(`${hello}\n`));
		await member.hears(`${hello}\n`);
	}

	isMarked(tail: Buffer): boolean {
		return lastLine(tail) === MARK;
	}

	say(_: number, text: string): Uint8Array {
		return Buffer.from(`${text}\n`, "latin1");
	}

	reader = () => lineReader((line) => [line]);

	async [Symbol.asyncDispose](): Promise<void> {
		this.#server.kill("SIGKILL");
		await this.#server.exited;
	}
}
