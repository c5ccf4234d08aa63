import { hostname } from "node:os";
import { formatHostPort, type HostPort } from "../../util/host-port.ts";
import type { Certificate } from "./certificate.ts";

/** Addresses that stand for all of a machine's. */
const ANY = new Set(["0.0.0.0", "::"]);

/**
 * What a member on another device types. Where others vouch for the certificate, its fingerprint need
 * not be typed, and changes with every renewal; but a device that does not know those others asks
 * about it, and then somebody has to know it.
 */
export function joinCommand(
	{ host, port }: HostPort,
	{ name, fingerprint, isSelfSigned }: Pick<Certificate, "name" | "fingerprint" | "isSelfSigned">,
): string {
	const join = (host: string) => `bun client.ts ${formatHostPort({ host, port })}`;
	if (!isSelfSigned && name !== undefined) return `${join(name)} (fingerprint ${fingerprint})`;
	return `${join(ANY.has(host) ? hostname() : host)}#${fingerprint}`;
}
