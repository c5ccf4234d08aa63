import { createHash } from "node:crypto";
import { brotliCompressSync, constants } from "node:zlib";
import type { PageFile } from "./page-files.ts";
import type { Request } from "./request.ts";
import { type Response, sentence } from "./response.ts";

/** A name that changes with the content: a hash of eight characters before the extension. */
const HASHED = /-[a-z\d]{8}\.(\w+)$/;
const FOR_EVER = "public, max-age=31536000, immutable";
/** Ask each time: the page names the newest of all other files. */
const ASK = "no-cache";
const NOT_MODIFIED = { status: 304, body: Buffer.alloc(0) };

// The next level takes many times as long, at each start.
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };
/** By their names in headers, the one that makes the smallest files first. */
const ENCODERS: readonly [encoding: string, encode: (bytes: PageFile["bytes"]) => Uint8Array][] = [
	["br", (bytes) => brotliCompressSync(bytes, BROTLI)],
	// What browsers ask for without TLS. Smaller than zlib's at its best, by a thirtieth.
	["gzip", (bytes) => Bun.gzipSync(bytes, { library: "libdeflate", level: 12 })],
];

interface Entry {
	readonly etag: string;
	readonly plain: Response;
	/** The smallest first. */
	readonly encoded: readonly { readonly encoding: string; readonly response: Response }[];
}

/** The page's files in memory, compressed once. */
export class Site {
	readonly #entries: ReadonlyMap<string, Entry>;

	constructor(files: readonly PageFile[]) {
		this.#entries = new Map(
			files.flatMap((file) => namesOf(file).map((name) => [`/${name}`, entryOf(file, name)])),
		);
	}

	answer({ path, headers }: Request): Response {
		const entry = this.#entries.get(path);
		if (!entry) return sentence(404, "There is nothing here. The page is at /.");
		const accepted = acceptedEncodings(headers.get("accept-encoding"));
		const encoded = entry.encoded.find(({ encoding }) => accepted.has(encoding));
		const response = encoded?.response ?? entry.plain;
		if (headers.get("if-none-match") !== entry.etag) return response;
		return { ...NOT_MODIFIED, headers: response.headers };
	}
}

/** Of a header that lists encodings, each perhaps with a weight, those with any but 0. */
function acceptedEncodings(header = ""): Set<string> {
	const accepted = header.split(",").flatMap((each) => {
		const [, name, weight = "1"] = /^\s*([\w-]+)\s*(?:;\s*q=([\d.]+)\s*)?$/i.exec(each) ?? [];
		return name !== undefined && Number(weight) > 0 ? [name.toLowerCase()] : [];
	});
	return new Set(accepted);
}

/** Pictures have their plain names, too: the manifest names its icon, and no bundler reads it. */
function namesOf({ name, type }: PageFile): string[] {
	if (name === "index.html") return [""];
	const plain = name.replace(HASHED, ".$1");
	return type.startsWith("image/") && plain !== name ? [name, plain] : [name];
}

function entryOf({ type, bytes }: PageFile, name: string): Entry {
	// Weak: the compressed file is the same one.
	const etag = `W/"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"`;
	const headers = {
		"Content-Type": type,
		"Cache-Control": HASHED.test(name) ? FOR_EVER : ASK,
		ETag: etag,
		Vary: "Accept-Encoding",
	};
	const encoded = ENCODERS.map(([encoding, encode]) => ({
		encoding,
		response: {
			status: 200,
			headers: { ...headers, "Content-Encoding": encoding },
			body: encode(bytes),
		},
	}));
	return { etag, plain: { status: 200, headers, body: bytes }, encoded };
}
