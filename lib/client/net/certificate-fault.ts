import { formatHostPort, type HostPort } from "../../util/host-port.ts";

/** Why no authority vouches for a certificate, as far as TLS tells. */
export interface CertificateFault {
	/** OpenSSL's name for it, such as CERT_HAS_EXPIRED. */
	readonly code: unknown;
	/** When the certificate begins and ends, as OpenSSL writes dates. */
	readonly validFrom: string;
	readonly validTo: string;
}

/**
 * Says why no authority vouches for a server. Never that one would if the time were right: anyone can
 * sign a certificate that has ended. `now` is in milliseconds since 1970.
 */
export function describeCertificateFault(
	server: HostPort,
	{ code, validFrom, validTo }: CertificateFault,
	now: number,
): string {
	const at = formatHostPort(server);
	const clock = `This device's clock shows ${format(now)}: if that is wrong, set it.`;
	const start = Date.parse(validFrom);
	const end = Date.parse(validTo);
	switch (code) {
		case "CERT_HAS_EXPIRED": {
			const when = end <= now ? `on ${format(end)}` : "before its time, as one of its chain has";
			return `The certificate of the server at ${at} ended ${when}, so nobody vouches for it. ${clock}`;
		}
		case "CERT_NOT_YET_VALID": {
			const when = start > now ? `before ${format(start)}` : "yet, as one of its chain is not";
			return `The certificate of the server at ${at} is not valid ${when}, so nobody vouches for it. ${clock}`;
		}
		case "ERR_TLS_CERT_ALTNAME_INVALID":
			return `The certificate of the server at ${at} is for another name, so nobody vouches for it.`;
		default:
			return `No certificate authority vouches for the server at ${at}.`;
	}
}

/** To the minute, in UTC, as the person who runs the server reads it. */
const format = (time: number): string =>
	`${new Date(time).toISOString().slice(0, 16).replace("T", " ")} UTC`;
