import { hostname } from "node:os";
import { type Endpoint, type Fingerprint, formatEndpoints } from "../../util/endpoint.ts";
import type { HostPort } from "../../util/host-port.ts";
import { installation } from "../../util/installation.ts";
import { shellWord } from "../../util/shell-word.ts";
import type { Certificate } from "./certificate.ts";

/** Addresses that stand for every address of a machine. */
const ANY = new Set(["0.0.0.0", "::"]);

/**
 * What a member on another device types: `invitation` has the room's servers, if the operator named
 * them, each without a fingerprint that has this server's certificate, without a port that has this
 * server's (0). If an authority vouches for the certificate, its fingerprint, which changes with every
 * renewal, is not part of it.
 */
export function joinCommand(
	{ host, port }: HostPort,
	{ name, fingerprint, isSelfSigned }: Pick<Certificate, "name" | "fingerprint" | "isSelfSigned">,
	invitation?: readonly Endpoint[],
): string {
	const isVouched = !isSelfSigned && name !== undefined;
	const reachable = isVouched ? name : ANY.has(host) ? hostname() : host;
	const servers = invitation ?? [{ host: reachable, port, fingerprints: [] }];
	const own = isVouched ? [] : [fingerprint];
	const endpoints = servers.map((each) => ({
		host: each.host,
		port: each.port || port,
		fingerprints: each.fingerprints.length > 0 ? each.fingerprints : own,
	}));
	return `${installation.elsewhere("client")} ${shellWord(formatEndpoints(endpoints))}`;
}

/** Whether those who follow the invitation take this certificate, at one of the room's servers. */
export const isInvitedTo = (fingerprint: Fingerprint, invitation: readonly Endpoint[]): boolean =>
	invitation.some(
		({ fingerprints }) => fingerprints.length === 0 || fingerprints.includes(fingerprint),
	);
