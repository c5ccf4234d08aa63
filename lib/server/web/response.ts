import { STATUS_CODES } from "node:http";

export interface Response {
	readonly status: number;
	readonly headers: Readonly<Record<string, string>>;
	/** Shared by all that get it. */
	readonly body: Uint8Array;
}

/** What a browser may do with our page, and other pages with ours. */
const POLICY = [
	"default-src 'none'",
	"script-src 'self'",
	"style-src 'self'",
	"img-src 'self' data:",
	"connect-src 'self'",
	"manifest-src 'self'",
	"base-uri 'none'",
	"form-action 'none'",
	"frame-ancestors 'none'",
	"require-trusted-types-for 'script'",
	// Only the URL of the page's own worker, and only once.
	"trusted-types timers",
].join("; ");
/** No Strict-Transport-Security: it would bind the host's other ports, which are not ours. */
const SECURITY_HEADERS = {
	"Content-Security-Policy": POLICY,
	"X-Content-Type-Options": "nosniff",
	"Referrer-Policy": "no-referrer",
	"Cross-Origin-Opener-Policy": "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
};

/** A response that is one sentence. */
export const sentence = (
	status: number,
	text: string,
	headers: Readonly<Record<string, string>> = {},
): Response => ({
	status,
	headers: {
		"Content-Type": "text/plain;charset=utf-8",
		"Cache-Control": "no-store",
		...headers,
	},
	body: Buffer.from(`${text}\n`),
});

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
