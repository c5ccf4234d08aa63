/** Bytes that a line of the server's may have: a roster of the largest room fits. */
export const MAX_SERVER_LINE = 8 * 1024 * 1024;

/** The epoch that stands for the session key; those of room keys count from 1. */
const SESSION_EPOCH = 0;
const SERVER_LINE = /^(0|[1-9]\d{0,14}) (\S+)$/;

/** A server's line, its newline included: which key the token is under, and the token. */
export const serverLine = (epoch: number, token: string): Buffer =>
	Buffer.from(`${epoch} ${token}\n`, "latin1");

/** The same under the session key. */
export const sessionLine = (token: string): Buffer => serverLine(SESSION_EPOCH, token);

/** Whether a server's line is under the session key, as its first byte tells. */
export const isSessionLine = (line: Uint8Array): boolean => line[0] === 0x30;

/** Null for anything else than a server's line. */
export function readServerLine(line: string): { epoch: number; token: string } | null {
	const [, epoch, token] = SERVER_LINE.exec(line) ?? [];
	return epoch === undefined || token === undefined ? null : { epoch: Number(epoch), token };
}
