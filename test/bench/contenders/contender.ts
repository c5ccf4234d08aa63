import type { Member } from "../member.ts";
import type { Read } from "../stream.ts";

/** How a member says several texts at once. */
export interface Packing {
	/** So many messages can be packed together. */
	readonly most: number;
	/** Member `i`'s next message. Another one may stand behind it. */
	message(i: number, text: string): Uint8Array;
	/** The bytes that say its next messages. The caller must send them all, in order. */
	pack(i: number, messages: Buffer): Uint8Array;
}

/** A chat server as a program of its own, and how to talk to it. */
export interface Contender extends AsyncDisposable {
	readonly pid: number;
	readonly port: number;
	/** Members connect over TLS. */
	readonly isEncrypted: boolean;
	/** The server sends all members the same bytes; otherwise each gets its own. */
	readonly isShared: boolean;
	/** Brings a connection into the room, as member number `i`. */
	enter(member: Member, i: number): Promise<void>;
	/** Whether the last text that member `i` has received is the mark. */
	isMarked(tail: Buffer, i: number): boolean;
	/** The bytes that say member `i`'s next text. The caller must send them all, in order. */
	say(i: number, text: string): Uint8Array;
	/** If texts that are said at once take less than each alone. */
	readonly packing?: Packing;
	/** Reads what member `i` receives. */
	reader(i: number): Read;
}

/** Reads lines that hold some texts each. */
export function lineReader(textsOf: (line: string) => string[]): Read {
	return (bytes, start, stop) => {
		const length = bytes.subarray(start, stop).indexOf("\n");
		if (length === -1) return null;
		const end = start + length;
		return { texts: textsOf(bytes.toString("latin1", start, end)), end: end + 1 };
	};
}

/** The last line that was received, or null when it is incomplete. */
export function lastLine(tail: Buffer): string | null {
	const text = tail.toString("latin1");
	if (!text.endsWith("\n")) return null;
	return text.slice(text.lastIndexOf("\n", text.length - 2) + 1, -1);
}

/** The port of a server that prints it as its first output. */
export async function printedPort(server: Bun.Subprocess<"ignore", "pipe">): Promise<number> {
	const { value } = await server.stdout.getReader().read();
	if (!value) throw new Error("a server ended before it listened");
	return Number(Buffer.from(value).toString());
}
