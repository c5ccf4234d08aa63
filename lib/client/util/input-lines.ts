import { isUtf8 } from "node:buffer";
import { type Readable, Transform } from "node:stream";

/** Bytes of a line that are kept; nothing that can be said is as long. */
const MAX_LINE_BYTES = 1024 * 1024;
const NEWLINE = 0x0a;
const BYTE_ORDER_MARK = Buffer.from("\ufeff");

/** A line without its end, or a sentence that says why it cannot be read. */
export type InputLine = { readonly text: string } | { readonly fault: string };

/** Lines of an input that goes on after them, such as the keyboard: dispose of them to end them. */
export interface InputLines extends AsyncIterable<InputLine>, Disposable {}

/**
 * The lines of an input. A line that is not UTF-8 is refused whole: with each bad byte replaced, it
 * would say something else.
 */
export function inputLines(input: Readable): InputLines {
	const lines = new LineCutter();
	input.pipe(lines);
	return {
		[Symbol.asyncIterator]: () => lines[Symbol.asyncIterator](),
		[Symbol.dispose]: () => {
			input.unpipe(lines);
			lines.end();
		},
	};
}

/** Bytes in, lines out, no faster than they are read. */
class LineCutter extends Transform {
	/** The number of the line that has begun, and its bytes so far. */
	#number = 1;
	#held: Buffer[] = [];
	#size = 0;

	constructor() {
		super({ readableObjectMode: true, readableHighWaterMark: 1 });
	}

	override _transform(chunk: Buffer, _: string, done: () => void): void {
		let start = 0;
		for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
			this.#hold(chunk.subarray(start, end));
			this.#endLine();
			start = end + 1;
		}
		this.#hold(chunk.subarray(start));
		done();
	}

	override _flush(done: () => void): void {
		if (this.#size > 0) this.#endLine();
		done();
	}

	#hold(bytes: Buffer): void {
		this.#size += bytes.length;
		if (this.#size <= MAX_LINE_BYTES) this.#held.push(bytes);
		else this.#held = [];
	}

	#endLine(): void {
		for (const line of this.#read(Buffer.concat(this.#held))) this.push(line);
		this.#held = [];
		this.#size = 0;
		this.#number++;
	}

	#read(bytes: Buffer): InputLine[] {
		const fault = (what: string): InputLine[] => [
			{ fault: `Line ${this.#number} of the input ${what}.` },
		];
		if (this.#size > MAX_LINE_BYTES) return fault("is longer than 1 MiB");
		const isMarked = this.#number === 1 && bytes.subarray(0, 3).equals(BYTE_ORDER_MARK);
		const line = isMarked ? bytes.subarray(3) : bytes;
		// UTF-16 has zero bytes, and may be UTF-8 besides.
		if (!isUtf8(line) || line.includes(0)) return fault("is not text in UTF-8");
		const text = line.toString();
		return text
			.replace(/\r$/, "")
			.split("\r")
			.map((part) => ({ text: part }));
	}
}
