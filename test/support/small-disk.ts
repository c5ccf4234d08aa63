import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A disk in memory that is soon full. Mounting it takes root. */
export class SmallDisk implements Disposable {
	/** The folder where it is mounted. */
	readonly path = mkdtempSync(join(tmpdir(), "fernet-chat-small-"));

	/** Throws if it cannot be mounted. */
	constructor(bytes: number) {
		const options = `size=${bytes},mode=700`;
		const mount = Bun.spawnSync(["mount", "-t", "tmpfs", "-o", options, "none", this.path]);
		if (mount.success) return;
		rmSync(this.path, { recursive: true });
		throw new Error(String(mount.stderr));
	}

	static get canBeMounted(): boolean {
		try {
			new SmallDisk(4096)[Symbol.dispose]();
			return true;
		} catch {
			return false;
		}
	}

	/** Fills it but for some bytes. Returns how to free what that took. */
	fill(spared = 0): () => void {
		const [filler, spare] = ["filler", "spare"].map((name) => join(this.path, name)) as [
			string,
			string,
		];
		writeFileSync(spare, Buffer.alloc(spared));
		for (let size = 1024 * 1024; size >= 1; size /= 2) {
			try {
				for (;;) appendFileSync(filler, Buffer.alloc(size));
			} catch {
				// Then perhaps half as much.
			}
		}
		rmSync(spare);
		return () => rmSync(filler);
	}

	[Symbol.dispose](): void {
		Bun.spawnSync(["umount", "--lazy", this.path]);
		rmSync(this.path, { recursive: true });
	}
}
