import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const { O_RDWR, O_NONBLOCK } = constants;

/** A named pipe that nobody reads unless a test does. */
export class Pipe implements Disposable {
	readonly path: string;
	readonly #folder = mkdtempSync(join(tmpdir(), "fernet-chat-pipe-"));
	readonly #end: number;

	constructor() {
		this.path = join(this.#folder, "pipe");
		const { exitCode } = Bun.spawnSync(["mkfifo", this.path]);
		if (exitCode !== 0) throw new Error(`mkfifo: ${exitCode}`);
		this.#end = openSync(this.path, O_RDWR | O_NONBLOCK);
	}

	/** Writes until not a byte more fits in. */
	fill(): void {
		for (const size of [4096, 1]) while (this.#does(() => writeSync(this.#end, "\n".repeat(size))));
	}

	/** Empties the pipe. */
	read(): string {
		const chunk = Buffer.alloc(1024 * 1024);
		let text = "";
		let count = 0;
		const more = () => {
			count = readSync(this.#end, chunk);
		};
		while (this.#does(more)) text += chunk.toString("latin1", 0, count);
		return text;
	}

	#does(action: () => void): boolean {
		try {
			action();
			return true;
		} catch {
			return false;
		}
	}

	[Symbol.dispose](): void {
		closeSync(this.#end);
		rmSync(this.#folder, { recursive: true });
	}
}
