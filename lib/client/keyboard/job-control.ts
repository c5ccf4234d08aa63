import { isIgnored } from "../../util/signals.ts";

/** Looked at before any handler of ours: a program that is started to ignore Ctrl-Z goes on doing so. */
const IS_STOP_IGNORED = isIgnored("SIGTSTP");

/** What job control needs of the process. */
export type JobSignals = Pick<NodeJS.Process, "on" | "off" | "kill" | "emit" | "platform">;

/** Whatever has the terminal in raw mode. */
export interface TerminalUser {
	/** Gives the terminal back, as a shell wants it. */
	release(): void;
	/** Takes it again. Others may have written on it, and it may have another size. */
	take(): void;
}

/**
 * Lets a program that has the terminal in raw mode stop and go on again, by Ctrl-Z or by a signal,
 * until it is disposed of.
 */
export class JobControl implements Disposable {
	readonly #signals: JobSignals;
	readonly #user: TerminalUser;

	constructor(signals: JobSignals, user: TerminalUser) {
		this.#signals = signals;
		this.#user = user;
		this.#listen();
	}

	/** Stops the program, and returns when it goes on; does nothing where shells cannot do that. */
	readonly suspend = (): void => {
		if (!this.#isPossible) return;
		this.#user.release();
		// With the system's own handling back in place, it stops us only where somebody is left who
		// can make us go on.
		this[Symbol.dispose]();
		// The whole job, as the terminal itself would: `bun run` is part of it, too.
		this.#signals.kill(0, "SIGTSTP");
		this.#take();
		this.#listen();
	};

	/** In raw mode, Ctrl-C is a key like others: this does what the terminal would have done. */
	interrupt(): void {
		this.#signals.emit("SIGINT", "SIGINT");
	}

	[Symbol.dispose](): void {
		this.#signals.off("SIGTSTP", this.suspend);
		this.#signals.off("SIGCONT", this.#take);
	}

	get #isPossible(): boolean {
		return this.#signals.platform !== "win32" && !IS_STOP_IGNORED;
	}

	#listen(): void {
		if (!this.#isPossible) return;
		this.#signals.on("SIGTSTP", this.suspend);
		// After a SIGSTOP, which nobody is told of.
		this.#signals.on("SIGCONT", this.#take);
	}

	readonly #take = (): void => {
		// The system has told only those in the foreground of a new size.
		this.#signals.emit("SIGWINCH", "SIGWINCH");
		this.#user.take();
	};
}
