import { hostname } from "node:os";
import { type Place, placeOf } from "../wire/place.ts";
import type { Certificate } from "./certificate.ts";

/** Addresses that stand for all of a machine's. */
const ANY = new Set(["0.0.0.0", "::"]);

/**
 * What a member on another device types. A certificate that others vouch for needs no fingerprint,
 * which would change with every renewal.
 */
export function addressOf(
	{ host, port }: Place,
	{ name, fingerprint, isSelfSigned }: Pick<Certificate, "name" | "fingerprint" | "isSelfSigned">,
): string {
	if (!isSelfSigned && name !== undefined) return placeOf({ host: name, port });
	return `${placeOf({ host: ANY.has(host) ? hostname() : host, port })}#${fingerprint}`;
}
