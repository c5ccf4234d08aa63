/** Bytes that a line from the server may have: enough for the roster of the largest room. */
export const MAX_SERVER_LINE = 8 * 1024 * 1024;

/** The epoch that stands for the session key; room keys count theirs from 1. */
const SESSION_EPOCH = 0;
const SERVER_LINE = /^(0|[1-9]\d{0,14}) (\S+)$/;

/** A line from the server, newline included: the key's epoch, and the token sealed under it. */
export const serverLine = (epoch: number, token: string): Buffer =>
	Buffer.from(`${epoch} ${token}\n`, "latin1");

/** A line from the server under the session key. */
export const sessionLine = (token: string): Buffer => serverLine(SESSION_EPOCH, token);

/** Whether a line from the server is under the session key, judged by its first byte. */
export const isSessionLine = (line: Uint8Array): boolean => line[0] === 0x30;

/** Null for anything but a line from the server. */
export function readServerLine(line: string): { epoch: number; token: string } | null {
	const [, epoch, token] = SERVER_LINE.exec(line) ?? [];
	return epoch === undefined || token === undefined ? null : { epoch: Number(epoch), token };
}
