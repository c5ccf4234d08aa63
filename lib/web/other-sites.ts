import type { Request } from "./request.ts";
import { type Response, sentence } from "./response.ts";

/**
 * Whether another site's page makes this request; a link there, which somebody follows, may lead to
 * ours. Browsers name the page in `Origin` where it could read the answer or open a WebSocket, and
 * since 2023 all of them say in `Sec-Fetch-…` where any request comes from.
 */
export function isFromOtherSite({ headers }: Request, origin: string): boolean {
	if ((headers.get("origin") ?? origin) !== origin) return true;
	if (["same-origin", "none"].includes(headers.get("sec-fetch-site") ?? "none")) return false;
	// Not in a frame: it would stay empty, and a page can load as many as it likes.
	return (
		headers.get("sec-fetch-mode") !== "navigate" || headers.get("sec-fetch-dest") !== "document"
	);
}

export const notForOthers = (origin: string): Response =>
	sentence(403, `Only the page at ${origin} can use this.`);
