import { systemClocks } from "../../util/clock.ts";
import { formatHostPort, type HostPort } from "../../util/host-port.ts";
import { ReasonedError, reason } from "../../wire/errors/reason.ts";
import type { ConfigDir } from "../util/config-dir.ts";
import { type CertificateFault, describeCertificateFault } from "./certificate-fault.ts";

/** SHA-256 of a certificate, 64 lower-case hexadecimal digits. */
export type Fingerprint = string;

export const isFingerprint = (text: unknown): text is Fingerprint =>
	typeof text === "string" && /^[0-9a-f]{64}$/.test(text);

/** The server did not prove that it is the right one. Nothing was sent to it. */
export class Untrusted extends ReasonedError {}

/** Neither an authority nor an earlier visit vouches for the server: only the user can. */
export class UnknownServer extends Untrusted {
	readonly fingerprint: Fingerprint;

	/** Why no authority vouches for it, as a sentence. */
	readonly why: string;

	constructor(server: HostPort, { fingerprint, fault }: PresentedCertificate) {
		const why = describeCertificateFault(server, fault, systemClocks.wallNow());
		super(reason("server_unknown", formatHostPort(server), fingerprint, why));
		this.fingerprint = fingerprint;
		this.why = why;
	}
}

const FILE = "servers.json";

/** The servers that the user decided to trust, each with its certificate's fingerprint. */
export class KnownServers {
	readonly #configDir: ConfigDir;
	/** Decisions since the start: they count even where no file can be written. */
	readonly #decided = new Map<string, Fingerprint>();

	constructor(configDir: ConfigDir) {
		this.#configDir = configDir;
	}

	remember(server: HostPort, fingerprint: Fingerprint): void {
		this.#decided.set(formatHostPort(server), fingerprint);
		const remembered = this.#configDir.read(FILE);
		if (remembered[formatHostPort(server)] === fingerprint) return;
		this.#configDir.write(FILE, { ...remembered, [formatHostPort(server)]: fingerprint });
	}

	/**
	 * Decides whether to talk to a server that presents this certificate. The fingerprint that the
	 * user gave counts first, then the authorities that the system trusts, then what was remembered.
	 * Throws Untrusted or UnknownServer.
	 */
	verify(
		server: HostPort,
		expected: Fingerprint | undefined,
		presented: PresentedCertificate,
	): void {
		if (expected !== undefined) {
			if (presented.fingerprint !== expected) {
				const at = formatHostPort(server);
				throw new Untrusted(reason("wrong_fingerprint", at, presented.fingerprint));
			}
			return this.remember(server, expected);
		}
		if (presented.isAuthorized) return;
		const key = formatHostPort(server);
		const remembered = this.#decided.get(key) ?? this.#configDir.read(FILE)[key];
		if (!isFingerprint(remembered)) throw new UnknownServer(server, presented);
		if (remembered === presented.fingerprint) return;
		throw new Untrusted(reason("server_changed", key, remembered, presented.fingerprint));
	}
}

/** What we learn about a server before we send anything to it. */
export interface PresentedCertificate {
	readonly fingerprint: Fingerprint;
	/** An authority that the system trusts has signed the certificate, for this server's name. */
	readonly isAuthorized: boolean;
	/** Why not. */
	readonly fault: CertificateFault;
}
