import { createPrivateKey, X509Certificate } from "node:crypto";
import { existsSync, mkdirSync, type Stats, unwatchFile, watchFile } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { ChatError, errorMessage, systemErrorCode } from "../../util/errors.ts";
import { createFile, readBounded } from "../../util/secure-file.ts";
import type { LogEntry } from "../log/logger.ts";

/** Paths of PEM files, or of one: a certificate, with those that vouch for it, and its private key. */
export interface CertificateFiles {
	readonly cert: string;
	readonly key: string;
}

/** Milliseconds between two looks at the files. */
const WATCH_INTERVAL = 1000;
/** Bytes of a file. */
const MAX_BYTES = 1024 * 1024;
const READABLE_BY_ALL = 0o004;
/** Nobody but a fingerprint vouches for a certificate of our own, so its end would say nothing. */
const OWN_YEARS = 30;

/** What the server proves itself with over TLS; read again when its files change. */
export class Certificate {
	readonly #files: CertificateFiles;
	readonly #log: (entry: LogEntry) => void;
	#loaded: Loaded;

	/** Throws ChatError `bad_certificate`. */
	constructor(files: CertificateFiles, record: (entry: LogEntry) => void) {
		this.#files = files;
		this.#log = record;
		this.#loaded = this.#load();
	}

	/** For the runtime, PEM. */
	get pair(): { cert: string; key: string } {
		return this.#loaded.pair;
	}

	/** SHA-256 of the certificate, 64 hexadecimal digits. */
	get fingerprint(): string {
		return this.#loaded.x509.fingerprint256.replaceAll(":", "").toLowerCase();
	}

	/** The first name it is for, where it has one. */
	get name(): string | undefined {
		return /DNS:([^\s,*]+)/.exec(this.#loaded.x509.subjectAltName ?? "")?.[1];
	}

	/** Nobody but itself vouches for it. */
	get isSelfSigned(): boolean {
		return this.#loaded.x509.issuer === this.#loaded.x509.subject;
	}

	/** Reads the files again; where they are no good, what was read before stays in use. */
	reload(): void {
		try {
			this.#loaded = this.#load();
			const text = `the certificate was read again; its fingerprint is ${this.fingerprint}`;
			this.#log({ event: "certificate", text });
		} catch (error) {
			if (!(error instanceof ChatError)) throw error;
			this.#warn(`${error.message}; the one before stays in use`);
		}
	}

	#warn(text: string): void {
		this.#log({ event: "warning", text });
	}

	/** Looks at the files now and then until it is disposed of. */
	watch(): Disposable {
		const reload = () => this.reload();
		const files = new Set([this.#files.cert, this.#files.key]);
		for (const file of files)
			watchFile(file, { interval: WATCH_INTERVAL, persistent: false }, reload);
		return {
			[Symbol.dispose]() {
				for (const file of files) unwatchFile(file, reload);
			},
		};
	}

	#load(): Loaded {
		const loaded = load(this.#files);
		const end = loaded.x509.validToDate;
		if (end.getTime() < Date.now()) {
			this.#warn(`the certificate ${this.#files.cert} ended on ${end.toISOString()}`);
		}
		return loaded;
	}
}

interface Loaded {
	readonly pair: { cert: string; key: string };
	readonly x509: X509Certificate;
}

function load(files: CertificateFiles): Loaded {
	try {
		const cert = readBounded(files.cert, MAX_BYTES).toString("utf8");
		const key = readBounded(files.key, MAX_BYTES, (file) =>
			assertUnreadableByOthers(file, files.key),
		);
		const pair = { cert, key: key.toString("utf8") };
		const x509 = new X509Certificate(pair.cert);
		if (!x509.checkPrivateKey(createPrivateKey(pair.key))) {
			throw new Error("the private key is another's");
		}
		return { pair, x509 };
	} catch (cause) {
		const what = `cannot use the certificate ${files.cert} with the key ${files.key}`;
		const sentence = `${what}: ${errorMessage(cause)}`;
		throw new ChatError("bad_certificate", sentence, { cause });
	}
}

function assertUnreadableByOthers({ mode }: Stats, file: string): void {
	if ((mode & READABLE_BY_ALL) === 0) return;
	throw new Error(`everybody can read the key; chmod 600 ${file}`);
}

/** Where our own certificate is kept; made the first time. Throws ChatError `bad_certificate`. */
export async function selfSignedFiles(folder: string): Promise<CertificateFiles> {
	// In one file with its key, so that neither is ever found without the other, or beside another's.
	const file = join(folder, "server.pem");
	const files = { cert: file, key: file };
	if (existsSync(file)) return files;
	try {
		mkdirSync(folder, { recursive: true, mode: 0o700 });
		createFile(file, await generateSelfSigned());
	} catch (cause) {
		// Another server was quicker: what it has put there serves us too.
		if (systemErrorCode(cause) === "EEXIST") return files;
		const sentence = `cannot make a certificate in ${folder}: ${errorMessage(cause)}`;
		throw new ChatError("bad_certificate", sentence, { cause });
	}
	return files;
}

/** A fresh key and its certificate, PEM. */
async function generateSelfSigned(): Promise<string> {
	// Few servers need it, and it is large.
	const { generate } = await import("selfsigned");
	const name = hostname();
	const notAfterDate = new Date();
	notAfterDate.setFullYear(notAfterDate.getFullYear() + OWN_YEARS);
	const made = await generate([{ name: "commonName", value: name }], {
		keyType: "ec",
		algorithm: "sha256",
		notAfterDate,
		extensions: [{ name: "subjectAltName", altNames: [{ type: 2, value: name }] }],
	});
	return `${made.private}${made.cert}`;
}
