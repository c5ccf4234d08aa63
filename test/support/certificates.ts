import { X509Certificate } from "node:crypto";
import { generate } from "selfsigned";

/** What a server proves itself with, PEM. */
export interface Identity {
	readonly cert: string;
	readonly key: string;
}

const DAY = 24 * 60 * 60 * 1000;
const NOW = Date.now() - DAY / 2;

/**
 * An address of this machine that is not written as one: a client takes a server there for one that
 * may be anywhere.
 */
export const ELSEWHERE = "0.0.0.0";

/** An address by default, else a name. */
const altName = (name: string) =>
	name === ELSEWHERE ? { type: 7 as const, ip: name } : { type: 2 as const, value: name };

/** Somebody who vouches for servers. */
export class Authority {
	private constructor(readonly identity: Identity) {}

	static async open(): Promise<Authority> {
		const { cert, private: key } = await generate(
			[{ name: "commonName", value: "authority.test" }],
			{
				keyType: "ec",
				algorithm: "sha256",
				extensions: [
					{ name: "basicConstraints", cA: true, critical: true },
					{ name: "keyUsage", keyCertSign: true, critical: true },
				],
			},
		);
		return new Authority({ cert, key });
	}

	/** A certificate for one name, valid for a day from `since` on. */
	vouch(name: string, since = NOW): Promise<Identity> {
		return identify(name, since, this.identity);
	}
}

/** A certificate that nobody vouches for. */
export const selfSigned = (name: string): Promise<Identity> => identify(name, NOW);

async function identify(name: string, since: number, ca?: Identity): Promise<Identity> {
	const { cert, private: key } = await generate([{ name: "commonName", value: "server.test" }], {
		keyType: "ec",
		algorithm: "sha256",
		notBeforeDate: new Date(since),
		notAfterDate: new Date(since + DAY),
		extensions: [{ name: "subjectAltName", altNames: [altName(name)] }],
		...(ca && { ca }),
	});
	return { cert, key };
}

/** Whole days from now, as the moment that a certificate is valid from. */
export const days = (count: number): number => Date.now() + count * DAY;

/** As the project writes it. */
export const fingerprintOf = ({ cert }: Identity): string =>
	new X509Certificate(cert).fingerprint256.replaceAll(":", "").toLowerCase();
