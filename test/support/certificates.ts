import { X509Certificate } from "node:crypto";
import { generate } from "selfsigned";

/** What a server proves its identity with, in PEM. */
export interface Identity {
	readonly cert: string;
	readonly key: string;
}

const DAY = 24 * 60 * 60 * 1000;
const NOW = Date.now() - DAY / 2;

/**
 * An address of this machine that does not look local: a client treats a server there as one on
 * another machine.
 */
export const ELSEWHERE = "0.0.0.0";

/** Type 7 is an IP address, type 2 a DNS name. */
const altName = (name: string) =>
	name === ELSEWHERE ? { type: 7 as const, ip: name } : { type: 2 as const, value: name };

/** A certificate authority. */
export class Authority {
	private constructor(
		readonly identity: Identity,
		/** The authorities' certificates that its servers have to show, in PEM. */
		readonly chain: string,
	) {}

	static async open(): Promise<Authority> {
		return new Authority(await certifyAuthority("authority.test", days(-365), 730), "");
	}

	/** An authority below this one, for a number of days from `since` on. */
	async delegate(name: string, since: number, lifetime: number): Promise<Authority> {
		const identity = await certifyAuthority(name, since, lifetime, this.identity);
		return new Authority(identity, `\n${identity.cert}${this.chain}`);
	}

	/** A certificate for one name, with its chain, valid for a number of days from `since` on. */
	async vouch(name: string, since = NOW, lifetime = 1): Promise<Identity> {
		const { cert, key } = await identify(name, since, lifetime, this.identity);
		return { cert: `${cert}${this.chain}`, key };
	}
}

async function certifyAuthority(
	name: string,
	since: number,
	lifetime: number,
	ca?: Identity,
): Promise<Identity> {
	const { cert, private: key } = await generate([{ name: "commonName", value: name }], {
		keyType: "ec",
		algorithm: "sha256",
		notBeforeDate: new Date(since),
		notAfterDate: new Date(since + lifetime * DAY),
		extensions: [
			{ name: "basicConstraints", cA: true, critical: true },
			{ name: "keyUsage", keyCertSign: true, critical: true },
		],
		...(ca && { ca }),
	});
	return { cert, key };
}

/** A self-signed certificate. */
export const selfSigned = (name: string, since = NOW): Promise<Identity> =>
	identify(name, since, 1);

async function identify(
	name: string,
	since: number,
	lifetime: number,
	ca?: Identity,
): Promise<Identity> {
	const { cert, private: key } = await generate([{ name: "commonName", value: "server.test" }], {
		keyType: "ec",
		algorithm: "sha256",
		notBeforeDate: new Date(since),
		notAfterDate: new Date(since + lifetime * DAY),
		extensions: [{ name: "subjectAltName", altNames: [altName(name)] }],
		...(ca && { ca }),
	});
	return { cert, key };
}

/** The moment `count` days from now, for a certificate to be valid from. */
export const days = (count: number): number => Date.now() + count * DAY;

/** The fingerprint as the project writes it. */
export const fingerprintOf = ({ cert }: Identity): string =>
	new X509Certificate(cert).fingerprint256.replaceAll(":", "").toLowerCase();
