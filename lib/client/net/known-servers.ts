import { systemClocks } from "../../util/clock.ts";
import { type Endpoint, type Fingerprint, isFingerprint } from "../../util/endpoint.ts";
import { formatHostPort, type HostPort } from "../../util/host-port.ts";
import { installation } from "../../util/installation.ts";
import { reason } from "../../wire/errors/reason.ts";
import type { ConfigDir } from "../util/config-dir.ts";
import { type CertificateFault, describeCertificateFault } from "./certificate-fault.ts";
import { Untrusted } from "./link-errors.ts";

/** What a person types to join another time. */
const client = installation.own("client");

/** Neither an authority nor an earlier visit vouches for the server: only the user can. */
export class UnknownServer extends Untrusted {
	readonly fingerprint: Fingerprint;

	/** Why no authority vouches for it, as a sentence. */
	readonly why: string;

	constructor(server: HostPort, { fingerprint, fault }: PresentedCertificate) {
		const why = describeCertificateFault(server, fault, systemClocks.wallNow());
		super(reason("server_unknown", formatHostPort(server), fingerprint, why, client));
		this.fingerprint = fingerprint;
		this.why = why;
	}
}

const FILE = "servers.json";

/**
 * The servers that the user decided to trust, each with its certificate's fingerprint: several, if
 * several servers have one name.
 */
export class KnownServers {
	readonly #configDir: ConfigDir;
	/** Decisions since the start: they count even where no file can be written. */
	readonly #decided = new Map<string, readonly Fingerprint[]>();

	constructor(configDir: ConfigDir) {
		this.#configDir = configDir;
	}

	/** In place of what was remembered for this server before. */
	remember(server: HostPort, fingerprints: readonly Fingerprint[]): void {
		const key = formatHostPort(server);
		this.#decided.set(key, fingerprints);
		const file = this.#configDir.read(FILE);
		const value = fingerprints.length === 1 ? fingerprints[0] : fingerprints;
		if (Bun.deepEquals(file[key], value)) return;
		this.#configDir.write(FILE, { ...file, [key]: value });
	}

	/**
	 * Decides whether to talk to a server that presents this certificate. The fingerprints that the
	 * user gave count first, then the authorities that the system trusts, then what was remembered.
	 * Throws Untrusted or UnknownServer.
	 */
	verify(server: Endpoint, presented: PresentedCertificate): void {
		const key = formatHostPort(server);
		const { fingerprint } = presented;
		if (server.fingerprints.length > 0) {
			if (server.fingerprints.includes(fingerprint)) {
				return this.remember(server, server.fingerprints);
			}
			throw new Untrusted(reason("wrong_fingerprint", key, fingerprint));
		}
		if (presented.isAuthorized) return;
		const known = this.#known(key);
		if (known.length === 0) throw new UnknownServer(server, presented);
		if (known.includes(fingerprint)) return;
		throw new Untrusted(reason("server_changed", key, known, fingerprint, client));
	}

	#known(key: string): readonly Fingerprint[] {
		const remembered = this.#decided.get(key) ?? this.#configDir.read(FILE)[key];
		return [remembered].flat().filter(isFingerprint);
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
