import { createPrivateKey, X509Certificate } from "node:crypto";
import { existsSync, type Stats, unwatchFile, watchFile } from "node:fs";
import { isIP } from "node:net";
import { hostname } from "node:os";
import { join } from "node:path";
import { ChatError, errorMessage, systemErrorCode } from "../../util/errors.ts";
import { createFile, isReadableByAll, isWritableByOthers } from "../../util/secure-file.ts";
import { ReasonedError, reason } from "../../wire/errors/reason.ts";
import type { LogEntry } from "../log/logger.ts";
import { readConfigText } from "../storage/config-file.ts";
import { createStateDir } from "../storage/state-dir.ts";
import { validityWarning } from "./validity.ts";

/** Paths of PEM files, perhaps the same: a certificate with its chain, and its private key. */
export interface CertificateFiles {
	readonly cert: string;
	readonly key: string;
}

/** Milliseconds between two checks of the files and of the certificate's time. */
const WATCH_INTERVAL = 1000;
const CODE = "bad_certificate" as const;
/** Browsers no longer look at the subject's common name. */
const ONLY_SAN = { subject: "never" } as const;
/** Bytes that each file may have. */
const MAX_BYTES = 1024 * 1024;
/** Members trust the certificate by its fingerprint, so an early end would protect nobody. */
const SELF_SIGNED_YEARS = 30;

/** The server's TLS certificate and key, reloaded when their files change. */
export class Certificate {
	readonly #files: CertificateFiles;
	readonly #log: (entry: LogEntry) => void;
	#loaded: Loaded;
	/** What was said last about the time of the certificate and of its chain. */
	#warnings: readonly string[] = [];

	/** Throws ChatError `bad_certificate`. */
	constructor(files: CertificateFiles, log: (entry: LogEntry) => void) {
		this.#files = files;
		this.#log = log;
		this.#loaded = load(files);
		this.checkValidity();
	}

	/** Both in PEM. */
	get pair(): { cert: string; key: string } {
		return this.#loaded.pair;
	}

	/** SHA-256 of the certificate, as 64 hexadecimal digits. */
	get fingerprint(): string {
		return this.#loaded.x509.fingerprint256.replaceAll(":", "").toLowerCase();
	}

	/** The certificate's first DNS name that is not a wildcard, or undefined. */
	get name(): string | undefined {
		return /DNS:([\w.-]+)(?=,|$)/.exec(this.#loaded.x509.subjectAltName ?? "")?.[1];
	}

	/** Whether it is for a name or an IP address, as a browser judges it. */
	isFor(host: string): boolean {
		const { x509 } = this.#loaded;
		return (isIP(host) ? x509.checkIP(host) : x509.checkHost(host, ONLY_SAN)) !== undefined;
	}

	get isSelfSigned(): boolean {
		return this.#loaded.x509.issuer === this.#loaded.x509.subject;
	}

	/** Reads the files again. If they are unusable, the old certificate stays in use. */
	reload(): void {
		try {
			this.#loaded = load(this.#files);
			const text = `The certificate was reloaded. Its fingerprint is ${this.fingerprint}`;
			this.#log({ event: "certificate", text });
			this.#warnings = [];
			this.checkValidity();
		} catch (error) {
			if (!(error instanceof ChatError)) throw error;
			this.#warn(`${error.message} The previous certificate stays in use.`);
		}
	}

	#warn(text: string): void {
		this.#log({ event: "warning", text });
	}

	/**
	 * Reloads the certificate when a file changes and warns before it ends, until the result is
	 * disposed of.
	 */
	watch(): Disposable {
		const reload = () => this.reload();
		const files = new Set([this.#files.cert, this.#files.key]);
		for (const file of files)
			watchFile(file, { interval: WATCH_INTERVAL, persistent: false }, reload);
		const timer = setInterval(() => this.checkValidity(), WATCH_INTERVAL).unref();
		return {
			[Symbol.dispose]() {
				clearInterval(timer);
				for (const file of files) unwatchFile(file, reload);
			},
		};
	}

	/** Call regularly: warns once a day while there is something to say. */
	checkValidity(): void {
		const { x509, chain } = this.#loaded;
		const named: [string, X509Certificate][] = [[this.#files.cert, x509]];
		// Clients refuse the certificate, too, if one of these has ended.
		for (const issuer of chain)
			named.push([`of ${subjectOf(issuer)} in ${this.#files.cert}`, issuer]);
		const now = Date.now();
		const warnings = named.flatMap(([name, certificate]) => {
			const warning = validityWarning(certificate, now);
			return warning === null ? [] : [`The certificate ${name} ${warning}`];
		});
		for (const text of warnings) if (!this.#warnings.includes(text)) this.#warn(text);
		this.#warnings = warnings;
	}
}

/** On one line, as `CN=E7, O=Let's Encrypt`. */
const subjectOf = ({ subject }: X509Certificate): string =>
	JSON.stringify(subject.split("\n").toReversed().join(", "));

interface Loaded {
	readonly pair: { cert: string; key: string };
	readonly x509: X509Certificate;
	/** The certificates of authorities that follow it in its file. */
	readonly chain: readonly X509Certificate[];
}

/** One certificate in PEM, with each label that OpenSSL takes. */
const CERTIFICATE = /-----BEGIN ((?:X509 |TRUSTED )?CERTIFICATE)-----.*?-----END \1-----/gs;

function load({ cert, key }: CertificateFiles): Loaded {
	const file = { maxBytes: MAX_BYTES, decode: decodePem, code: CODE };
	const pair = {
		cert: readConfigText({ ...file, path: cert, sentence: "Cannot use the certificate file" }),
		key: readConfigText({
			...file,
			path: key,
			sentence: "Cannot use the key file",
			check: assertPrivateKey,
		}),
	};
	try {
		const [, ...issuers] = pair.cert.match(CERTIFICATE) ?? [];
		const x509 = new X509Certificate(pair.cert);
		const chain = issuers.map((issuer) => new X509Certificate(issuer));
		if (x509.checkPrivateKey(createPrivateKey(pair.key))) return { pair, x509, chain };
		throw new Error("the key belongs to another certificate");
	} catch (cause) {
		throw unusable(`Cannot use the certificate ${cert} with the key ${key}`, cause);
	}
}

/** PEM is ASCII between its markers; the text around them may have any encoding. */
function decodePem(bytes: Buffer): string {
	const text = bytes.toString("latin1").replace(/^\xef\xbb\xbf/, "");
	if (!text.includes("-----BEGIN ") || text.includes("\0")) throw new Error("it is not a PEM file");
	return text;
}

/** A group may read the key, as one does that renews it, but whoever can write it could choose it. */
function assertPrivateKey(file: Stats): void {
	if (isReadableByAll(file)) throw new Error("every user can read it; run chmod 600 on it");
	if (isWritableByOthers(file)) {
		throw new Error("other users can write to it; run chmod 600 on it");
	}
}

const unusable = (what: string, cause: unknown): ReasonedError =>
	new ReasonedError(reason(CODE, `${what}: ${errorMessage(cause)}.`), { cause });

/** The self-signed certificate in `folder`, created once. Throws ChatError `state_unusable`. */
export async function selfSignedFiles(folder: string): Promise<CertificateFiles> {
	// One file, so that certificate and key always belong together.
	const file = join(folder, "server.pem");
	const files = { cert: file, key: file };
	if (existsSync(file)) return files;
	try {
		createStateDir(folder);
		createFile(file, await generateSelfSigned());
	} catch (cause) {
		// Another server generated one at the same moment, and we use that.
		if (systemErrorCode(cause) === "EEXIST") return files;
		const sentence = `Cannot create a certificate in ${folder}: ${errorMessage(cause)}.`;
		throw new ReasonedError(reason("state_unusable", sentence), { cause });
	}
	return files;
}

/** Generates a key and its certificate, both in PEM. */
async function generateSelfSigned(): Promise<string> {
	// Loaded on demand: few servers need it, and it is large.
	const { generate } = await import("selfsigned");
	const name = hostname();
	const notAfterDate = new Date();
	notAfterDate.setFullYear(notAfterDate.getFullYear() + SELF_SIGNED_YEARS);
	const made = await generate([{ name: "commonName", value: name }], {
		keyType: "ec",
		algorithm: "sha256",
		notAfterDate,
		extensions: [{ name: "subjectAltName", altNames: [{ type: 2, value: name }] }],
	});
	return `${made.private}${made.cert}`;
}
