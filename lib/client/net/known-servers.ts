import { ChatError } from "../../util/errors.ts";
import { type Place, placeOf } from "../../util/host-port.ts";
import type { Settings } from "../util/config-dir.ts";

/** SHA-256 of a certificate, 64 lower-case hexadecimal digits. */
export type Fingerprint = string;

export const isFingerprint = (text: unknown): text is Fingerprint =>
	typeof text === "string" && /^[0-9a-f]{64}$/.test(text);

/** The server has not shown that it is the one it should be. Nothing was sent to it. */
export class Untrusted extends ChatError {}

/** Nothing says whether it is: a person may. */
export class UnknownServer extends Untrusted {
	readonly fingerprint: Fingerprint;

	constructor(place: Place, fingerprint: Fingerprint) {
		super(
			"server_unknown",
			`nobody vouches for the server at ${placeOf(place)}: join with ${placeOf(place)}#${fingerprint} if its owner says that this is its fingerprint`,
		);
		this.fingerprint = fingerprint;
	}
}

const FILE = "servers.json";

/** Which certificate each server had, that a person has decided to trust. */
export class Trust {
	readonly #settings: Settings;
	/** What was decided since the start: it counts where nothing can be written down, too. */
	readonly #decided = new Map<string, Fingerprint>();

	constructor(settings: Settings) {
		this.#settings = settings;
	}

	remember(place: Place, fingerprint: Fingerprint): void {
		this.#decided.set(placeOf(place), fingerprint);
		const kept = this.#settings.read(FILE);
		if (kept[placeOf(place)] === fingerprint) return;
		this.#settings.write(FILE, { ...kept, [placeOf(place)]: fingerprint });
	}

	/**
	 * Whether to speak to a server that shows a certificate: what the person has said decides first,
	 * then whoever the system trusts for that name, then what was remembered. Throws Untrusted or
	 * UnknownServer.
	 */
	judge(place: Place, expected: Fingerprint | undefined, shown: Shown): void {
		if (expected !== undefined) {
			if (shown.fingerprint !== expected) {
				const sentence = `the server at ${placeOf(place)} has another fingerprint, ${shown.fingerprint}: either its certificate was changed, or somebody pretends to be it. Ask its owner for the fingerprint`;
				throw new Untrusted("wrong_fingerprint", sentence);
			}
			return this.remember(place, expected);
		}
		if (shown.isVouchedFor) return;
		const at = placeOf(place);
		const before = this.#decided.get(at) ?? this.#settings.read(FILE)[at];
		if (!isFingerprint(before)) throw new UnknownServer(place, shown.fingerprint);
		if (before === shown.fingerprint) return;
		const sentence = `the server at ${placeOf(place)} is not the one it was: its fingerprint was ${before} and is ${shown.fingerprint}. Either its certificate was changed, or somebody pretends to be it. Ask its owner, and join with ${placeOf(place)}#${shown.fingerprint} if they say that this is right`;
		throw new Untrusted("server_changed", sentence);
	}
}

/** What a server shows of itself before anything is sent to it. */
export interface Shown {
	readonly fingerprint: Fingerprint;
	/** Somebody whom the system trusts says that it is the server of that name. */
	readonly isVouchedFor: boolean;
}
