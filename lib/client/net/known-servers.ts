import { ChatError } from "../../util/errors.ts";
import { formatHostPort, type HostPort } from "../../util/host-port.ts";
import type { ConfigDir } from "../util/config-dir.ts";

/** SHA-256 of a certificate, 64 lower-case hexadecimal digits. */
export type Fingerprint = string;

export const isFingerprint = (text: unknown): text is Fingerprint =>
	typeof text === "string" && /^[0-9a-f]{64}$/.test(text);

/** The server has not shown that it is the one it should be. Nothing was sent to it. */
export class Untrusted extends ChatError {}

/** Nothing says whether it is: a person may. */
export class UnknownServer extends Untrusted {
	readonly fingerprint: Fingerprint;

	constructor(place: HostPort, fingerprint: Fingerprint) {
		super(
			"server_unknown",
			`nobody vouches for the server at ${formatHostPort(place)}: join with ${formatHostPort(place)}#${fingerprint} if its owner says that this is its fingerprint`,
		);
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

	remember(place: HostPort, fingerprint: Fingerprint): void {
		this.#decided.set(formatHostPort(place), fingerprint);
		const kept = this.#configDir.read(FILE);
		if (kept[formatHostPort(place)] === fingerprint) return;
		this.#configDir.write(FILE, { ...kept, [formatHostPort(place)]: fingerprint });
	}

	/**
	 * Whether to speak to a server that shows a certificate: what the person has said decides first,
	 * then whoever the system trusts for that name, then what was remembered. Throws Untrusted or
	 * UnknownServer.
	 */
	verify(place: HostPort, expected: Fingerprint | undefined, shown: PresentedCertificate): void {
		if (expected !== undefined) {
			if (shown.fingerprint !== expected) {
				const sentence = `the server at ${formatHostPort(place)} has another fingerprint, ${shown.fingerprint}: either its certificate was changed, or somebody pretends to be it. Ask its owner for the fingerprint`;
				throw new Untrusted("wrong_fingerprint", sentence);
			}
			return this.remember(place, expected);
		}
		if (shown.isAuthorized) return;
		const at = formatHostPort(place);
		const before = this.#decided.get(at) ?? this.#configDir.read(FILE)[at];
		if (!isFingerprint(before)) throw new UnknownServer(place, shown.fingerprint);
		if (before === shown.fingerprint) return;
		const sentence = `the server at ${formatHostPort(place)} is not the one it was: its fingerprint was ${before} and is ${shown.fingerprint}. Either its certificate was changed, or somebody pretends to be it. Ask its owner, and join with ${formatHostPort(place)}#${shown.fingerprint} if they say that this is right`;
		throw new Untrusted("server_changed", sentence);
	}
}

/** What a server shows of itself before anything is sent to it. */
export interface PresentedCertificate {
	readonly fingerprint: Fingerprint;
	/** Somebody whom the system trusts says that it is the server of that name. */
	readonly isAuthorized: boolean;
}
