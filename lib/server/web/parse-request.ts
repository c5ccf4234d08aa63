import type { Request } from "../../web/request.ts";

// The head of an HTTP/1.1 request, read strictly: what proxies and servers read differently is refused.

const REQUEST_LINE = /^([A-Z]{1,20}) (\/[\x21-\x7e]*) HTTP\/1\.1$/;
const FIELD = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*([\x20-\x7e\x80-\xff\t]*)$/;

/** Parses a head without the blank line at its end; null if it is not a request. */
export function parseRequest(head: string): Request | null {
	const [first = "", ...lines] = head.split("\r\n");
	const [, method, target] = REQUEST_LINE.exec(first) ?? [];
	if (method === undefined || target === undefined) return null;
	const headers = new Map<string, string>();
	for (const line of lines) {
		const [, field, value] = FIELD.exec(line) ?? [];
		if (field === undefined || value === undefined) return null;
		const name = field.toLowerCase();
		const before = headers.get(name);
		// Of two, a proxy may have believed the other.
		if (before !== undefined && name === "host") return null;
		headers.set(name, before === undefined ? value.trimEnd() : `${before}, ${value.trimEnd()}`);
	}
	const hasBody =
		headers.has("transfer-encoding") || !/^0?$/.test(headers.get("content-length") ?? "");
	return { method, path: target.replace(/[?#].*$/, ""), headers, hasBody };
}

/** Whether a header that lists words has this one, in any case. */
export const lists = (header: string | undefined, word: string): boolean =>
	(header ?? "").split(",").some((each) => each.trim().toLowerCase() === word);
