import type { ReadStream } from "node:tty";
import type { TerminalUser } from "./job-control.ts";
import { type FocusReport, type Key, KeyDecoder } from "./key-decoder.ts";

/** The keys of a terminal, while it is in raw mode. */
export class Keyboard implements TerminalUser {
	readonly #input: ReadStream;
	readonly #pressed: (keys: readonly Key[]) => void;
	readonly #focused: (isFocused: boolean) => void;
	readonly #keys = new KeyDecoder();
	/** The beginning of a character whose other bytes are in the next chunk. */
	#begun: Buffer = Buffer.alloc(0);
	#timer: Timer | undefined;

	/**
	 * `pressed` gets the keys that came together: thousands may. `focused` learns whether the terminal
	 * has the keyboard, when that changes and the terminal reports it.
	 */
	constructor(
		input: ReadStream,
		pressed: (keys: readonly Key[]) => void,
		focused: (isFocused: boolean) => void = () => {},
	) {
		this.#input = input;
		this.#pressed = pressed;
		this.#focused = focused;
	}

	/** May be called again, after a shell has changed the mode. */
	take(): void {
		// The runtime does nothing for a mode that it believes to be set.
		this.#input.setRawMode(false);
		this.#input.setRawMode(true);
		this.#input.off("data", this.#read).on("data", this.#read);
		this.#input.resume();
	}

	/** Calling it again does nothing. */
	release(): void {
		clearTimeout(this.#timer);
		this.#input.off("data", this.#read);
		this.#input.setRawMode(false);
		this.#input.pause();
	}

	readonly #read = (chunk: Buffer): void => {
		clearTimeout(this.#timer);
		this.#pass(this.#decode(Buffer.concat([this.#begun, chunk])));
		const { timeout } = this.#keys;
		if (timeout === undefined) return;
		this.#timer = setTimeout(() => this.#pass(this.#keys.flush()), timeout);
	};

	/** Passes keys and reports on in their order. */
	#pass(inputs: readonly (Key | FocusReport)[]): void {
		let keys: Key[] = [];
		for (const input of inputs) {
			if (input.type !== "focus") keys.push(input);
			else {
				this.#pressed(keys);
				keys = [];
				this.#focused(input.isFocused);
			}
		}
		this.#pressed(keys);
	}

	/** By hand, because a stream's own decoding replaces what is not UTF-8 by a character. */
	#decode(bytes: Buffer): (Key | FocusReport)[] {
		const whole = bytes.subarray(0, bytes.length - unfinishedBytes(bytes));
		this.#begun = bytes.subarray(whole.length);
		const [first = "", ...rest] = piecesOf(whole);
		const keys = this.#keys.push(first);
		for (const piece of rest) keys.push({ type: "invalid" }, ...this.#keys.push(piece));
		return keys;
	}
}

/** The bytes of a genuine U+FFFD, each as a character. */
const REPLACEMENT = "\xef\xbf\xbd";

/** The texts between the bytes that are not UTF-8. */
function piecesOf(bytes: Buffer): string[] {
	// Each U+FFFD that decoding yields stands for bad bytes, once the genuine ones are set aside. No
	// decoding yields half a surrogate pair, so that it can mark the places.
	const parts = bytes.toString("latin1").split(REPLACEMENT);
	const marked = parts.map((part) =>
		Buffer.from(part, "latin1")
			.toString()
			.replaceAll(/\ufffd+/g, "\udfff"),
	);
	return marked.join("\ufffd").split("\udfff");
}

/** How many of the last bytes are the beginning of a character. */
function unfinishedBytes(bytes: Buffer): number {
	for (let count = 1; count <= 3; count++) {
		const byte = bytes.at(-count) ?? 0;
		const isContinuation = byte >= 0x80 && byte < 0xc0;
		if (isContinuation) continue;
		const length = byte < 0xc0 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
		return count < length ? count : 0;
	}
	return 0;
}
