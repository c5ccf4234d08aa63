/** Bytes that a line from the server may have: enough for the roster of the largest room. */
export const MAX_SERVER_LINE = 8 * 1024 * 1024;

/** The epoch that stands for the session key; room keys count theirs from 1. */
const SESSION_EPOCH = 0;
const SERVER_LINE = /^(0|[1-9]\d{0,14}) (\S+)$/;

/** A line from the server, newline included: the key's epoch, and the token sealed under it. */
export function serverLine(epoch: number, token: string): Buffer {
	const start = `${epoch} `;
	// Written in place: joining the parts first would copy a long token once more.
	const line = Buffer.allocUnsafeSlow(start.length + token.length + 1);
	line.write(start, "latin1");
	line.write(token, start.length, "latin1");
	line.write("\n", line.length - 1, "latin1");
	return line;
}

/** Lines from the server under the session key; hardly ever more than one. */
export function sessionLines(tokens: readonly string[]): Buffer {
	const lines = tokens.map((token) => serverLine(SESSION_EPOCH, token));
	const [first, second] = lines;
	return first && !second ? first : Buffer.concat(lines);
}

/** Whether a line from the server is under the session key, judged by its first byte. */
export const isSessionLine = (line: Uint8Array): boolean => line[0] === 0x30;

/** Null for anything but a line from the server. */
export function readServerLine(line: string): { epoch: number; token: string } | null {
	const [, epoch, token] = SERVER_LINE.exec(line) ?? [];
	return epoch === undefined || token === undefined ? null : { epoch: Number(epoch), token };
}
