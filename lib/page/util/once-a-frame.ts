/** Runs an action before the browser draws next, once for all who ask until then. */
export class OnceAFrame {
	readonly #action: () => void;
	#isRequested = false;

	constructor(action: () => void) {
		this.#action = action;
	}

	request(): void {
		if (this.#isRequested) return;
		this.#isRequested = true;
		requestAnimationFrame(() => {
			this.#isRequested = false;
			this.#action();
		});
	}
}
