import { hostname } from "node:os";
import { formatHostPort, type HostPort } from "../../util/host-port.ts";
import type { Certificate } from "./certificate.ts";

/** Addresses that stand for every address of a machine. */
const ANY = new Set(["0.0.0.0", "::"]);

/**
 * What a member on another device types. If an authority vouches for the certificate, nobody need
 * type its fingerprint, which changes with every renewal. But a device that does not know the
 * authority asks about the fingerprint, and then somebody has to know it.
 */
export function joinCommand(
	{ host, port }: HostPort,
	{ name, fingerprint, isSelfSigned }: Pick<Certificate, "name" | "fingerprint" | "isSelfSigned">,
): string {
	const join = (host: string) => `bun client.ts ${formatHostPort({ host, port })}`;
	if (!isSelfSigned && name !== undefined) return `${join(name)} (fingerprint ${fingerprint})`;
	return `${join(ANY.has(host) ? hostname() : host)}#${fingerprint}`;
}
