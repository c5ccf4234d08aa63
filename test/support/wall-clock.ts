import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Glob } from "bun";

/** Debian's libfaketime, loaded into a program before anything else. */
export const FAKETIME = [...new Glob("*/faketime/libfaketimeMT.so.1").scanSync("/usr/lib")].map(
	(path) => join("/usr/lib", path),
);

/** The wall clock of some programs, which a test can set while they run. */
export class WallClock implements Disposable {
	readonly #folder = mkdtempSync(join(tmpdir(), "fernet-chat-clock-"));
	readonly #file = join(this.#folder, "offset");

	constructor() {
		this.set(0);
	}

	/** Variables for a program that is to live by this clock. */
	get env(): Record<string, string> {
		return { ...this.passingEnv, DONT_FAKE_MONOTONIC: "1" };
	}

	/** Variables for a program for which time passes in an instant: its monotonic clock moves too. */
	get passingEnv(): Record<string, string> {
		return {
			LD_PRELOAD: FAKETIME.join(":"),
			FAKETIME_TIMESTAMP_FILE: this.#file,
			FAKETIME_NO_CACHE: "1",
			// A file does not change when the clock is set.
			NO_FAKE_STAT: "1",
		};
	}

	/** Sets it to this many seconds after the real time, or before. */
	set(seconds: number): void {
		const next = `${this.#file}.next`;
		writeFileSync(next, `${seconds < 0 ? "" : "+"}${seconds}\n`);
		renameSync(next, this.#file);
	}

	[Symbol.dispose](): void {
		rmSync(this.#folder, { recursive: true });
	}
}
