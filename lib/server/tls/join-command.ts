import { hostname } from "node:os";
import { formatHostPort, type HostPort } from "../../util/host-port.ts";
import { shellWord } from "../../util/shell-word.ts";
import type { Certificate } from "./certificate.ts";

/** Addresses that stand for every address of a machine. */
const ANY = new Set(["0.0.0.0", "::"]);

/**
 * What a member on another device types. If an authority vouches for the certificate, the
 * fingerprint, which changes with every renewal, is not part of it.
 */
export function joinCommand(
	{ host, port }: HostPort,
	{ name, fingerprint, isSelfSigned }: Pick<Certificate, "name" | "fingerprint" | "isSelfSigned">,
): string {
	const isVouched = !isSelfSigned && name !== undefined;
	const reachable = isVouched ? name : ANY.has(host) ? hostname() : host;
	const address = formatHostPort({ host: reachable, port });
	return `bun client.ts ${shellWord(isVouched ? address : `${address}#${fingerprint}`)}`;
}
