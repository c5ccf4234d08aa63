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
export const SECURITY_HEADERS = {
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
