import { type Clocks, systemClocks } from "../../util/clock.ts";

/** Milliseconds without a key after which the user may be somewhere else. */
const IDLE_TIME = 5 * 60_000;

/**
 * Whether the user looks at the terminal. It may report that it has lost the keyboard, or nothing at
 * all, as tmux does by default; and somebody who goes for lunch leaves it as it is. So a long time
 * without a key counts, too.
 */
export class Attention {
	readonly #clocks: Clocks;
	#isFocused = true;
	/** What came after the user was last seen is marked already. */
	#isMarked = false;
	/** When the user was last seen. */
	#seen: { readonly at: number; readonly wallAt: number };

	constructor(clocks: Clocks = systemClocks) {
		this.#clocks = clocks;
		this.#seen = this.#now;
	}

	/** The user has pressed a key. */
	pressed(): void {
		this.focused(true);
	}

	/** The terminal has got the keyboard, or lost it: until then the user has looked. */
	focused(isFocused: boolean): void {
		this.#seen = this.#now;
		this.#isFocused = isFocused;
		this.#isMarked = false;
	}

	/** Whether the user looks elsewhere now. */
	get isAway(): boolean {
		return !this.#isFocused || this.#isIdle;
	}

	/**
	 * Call before something new is shown. If it is the first that the user does not see, since when, in
	 * milliseconds since 1970; else null.
	 */
	markNew(): number | null {
		if (this.#isMarked || !this.isAway) return null;
		this.#isMarked = true;
		return this.#seen.wallAt;
	}

	/** By both clocks: the monotonic one stands still while the machine sleeps, the other may be set. */
	get #isIdle(): boolean {
		const { at, wallAt } = this.#now;
		return Math.max(at - this.#seen.at, wallAt - this.#seen.wallAt) >= IDLE_TIME;
	}

	get #now(): { at: number; wallAt: number } {
		return { at: this.#clocks.now(), wallAt: this.#clocks.wallNow() };
	}
}
