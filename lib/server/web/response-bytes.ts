import { STATUS_CODES } from "node:http";
import { type Response, SECURITY_HEADERS } from "../../web/response.ts";

interface Delivery {
	readonly isHead: boolean;
	/** The connection ends with it. */
	readonly isLast: boolean;
}

/** The bytes of a response. */
export function responseBytes(
	{ status, headers, body }: Response,
	{ isHead, isLast }: Delivery,
): Uint8Array[] {
	const all = {
		...headers,
		...SECURITY_HEADERS,
		...(isLast && { Connection: "close" }),
		...(status !== 304 && { "Content-Length": String(body.length) }),
	};
	const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
	const head = Buffer.from(`${statusLine(status)}${lines.join("")}\r\n`, "latin1");
	return isHead || status === 304 ? [head] : [head, body];
}

const statusLine = (status: number): string => `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n`;

/** What turns the connection into a WebSocket. */
export const switchingProtocols = (accept: string): Buffer =>
	Buffer.from(
		`${statusLine(101)}Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
		"latin1",
	);
