/** One WebSocket of the page, as a client's window uses it. */
export interface PageSocket {
	/** False if the page does not keep up: it is sent all the same, and `drained` follows. */
	send(text: string): boolean;
	/** Closes it, with a code that says why, if any. */
	close(code?: number): void;
}

/** What takes what comes over a page's WebSocket. */
export interface PageSocketHandlers {
	message(text: string): void;
	drained(): void;
	closed(): void;
}
