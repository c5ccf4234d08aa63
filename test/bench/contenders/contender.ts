import type { Member } from "../member.ts";
import type { Read } from "../stream.ts";

/** A chat server as a program of its own, and how one speaks with it. */
export interface Contender extends AsyncDisposable {
	readonly pid: number;
	readonly port: number;
	/** It is spoken to over TLS. */
	readonly isEncrypted: boolean;
	/** All members hear the same bytes; otherwise each is sent its own. */
	readonly isShared: boolean;
	/** Brings a connection into the room, as member number `i`. */
	enter(member: Member, i: number): Promise<void>;
	/** Whether the newest that member `i` has heard is the mark. */
	isMarked(tail: Buffer, i: number): boolean;
	/** The bytes in which member `i` says its next text. All that was made must be sent, in order. */
	say(i: number, text: string): Uint8Array;
	/** Reads what member `i` hears. */
	reader(i: number): Read;
}

/** Reads lines of which each holds some texts. */
export function lineReader(textsOf: (line: string) => string[]): Read {
	return (bytes, start, stop) => {
		const length = bytes.subarray(start, stop).indexOf("\n");
		if (length === -1) return null;
		const end = start + length;
		return { texts: textsOf(bytes.toString("latin1", start, end)), end: end + 1 };
	};
}

/** The last line of what was heard, or null when it is not whole. */
export function lastLine(tail: Buffer): string | null {
	const text = tail.toString("latin1");
	if (!text.endsWith("\n")) return null;
	return text.slice(text.lastIndexOf("\n", text.length - 2) + 1, -1);
}

/** The port that a server says it listens on, as the first that it prints. */
export async function printedPort(server: Bun.Subprocess<"ignore", "pipe">): Promise<number> {
	const { value } = await server.stdout.getReader().read();
	if (!value) throw new Error("a server ended before it listened");
	return Number(Buffer.from(value).toString());
}
