import { createHash } from "node:crypto";
import { notForOthers } from "../../web/other-sites.ts";
import type { Request } from "../../web/request.ts";
import { type Response, sentence } from "../../web/response.ts";
import { lists } from "./parse-request.ts";

/** Of RFC 6455: shows that the server speaks WebSocket. */
const MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const VERSION = "13";
const KEY = /^[A-Za-z\d+/]{22}==$/;

/** The answer to a browser's key, or why it gets none. `origin` is the page's own. */
export function acceptUpgrade(
	{ method, headers }: Request,
	origin: string,
): { readonly accept: string } | Response {
	if (headers.get("origin") !== origin) return notForOthers(origin);
	const isUpgrade =
		method === "GET" &&
		lists(headers.get("upgrade"), "websocket") &&
		lists(headers.get("connection"), "upgrade");
	if (!isUpgrade) {
		const wanted = { Upgrade: "websocket", Connection: "Upgrade" };
		return sentence(426, "Only a WebSocket can be opened here.", wanted);
	}
	if (headers.get("sec-websocket-version") !== VERSION) {
		const known = { "Sec-WebSocket-Version": VERSION };
		return sentence(426, `Only version ${VERSION} of WebSocket is spoken here.`, known);
	}
	const key = headers.get("sec-websocket-key") ?? "";
	if (!KEY.test(key)) return sentence(400, "Sec-WebSocket-Key is not valid.");
	return {
		accept: createHash("sha1")
			.update(key + MAGIC)
			.digest("base64"),
	};
}
