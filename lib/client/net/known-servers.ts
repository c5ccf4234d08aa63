import { formatHostPort, type HostPort } from "../../util/host-port.ts";
import { ReasonedError, reason } from "../../wire/reason.ts";
import type { ConfigDir } from "../util/config-dir.ts";

/** SHA-256 of a certificate, 64 lower-case hexadecimal digits. */
export type Fingerprint = string;

export const isFingerprint = (text: unknown): text is Fingerprint =>
	typeof text === "string" && /^[0-9a-f]{64}$/.test(text);

/** The server has not shown that it is the one it should be. Nothing was sent to it. */
export class Untrusted extends ReasonedError {}

/** Neither an authority nor an earlier visit says whether it is: a person may. */
export class UnknownServer extends Untrusted {
	readonly fingerprint: Fingerprint;

	constructor(server: HostPort, fingerprint: Fingerprint) {
		super(reason("server_unknown", formatHostPort(server), fingerprint));
		this.fingerprint = fingerprint;
	}
}

const FILE = "servers.json";

/** Which certificate each server had, that a person has decided to trust. */
export class KnownServers {
	readonly #configDir: ConfigDir;
	/** What was decided since the start: it counts where nothing can be written down, too. */
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
	 * Whether to speak to a server that shows a certificate: what the person has said decides first,
	 * then whoever the system trusts for that name, then what was remembered. Throws Untrusted or
	 * UnknownServer.
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
		if (!isFingerprint(remembered)) throw new UnknownServer(server, presented.fingerprint);
		if (remembered === presented.fingerprint) return;
		throw new Untrusted(reason("server_changed", key, remembered, presented.fingerprint));
	}
}

/** What a server shows of itself before anything is sent to it. */
export interface PresentedCertificate {
	readonly fingerprint: Fingerprint;
	/** An authority that the system trusts has signed it, for the server's name. */
	readonly isAuthorized: boolean;
}
