import { formatHostPort, type HostPort } from "../../util/host-port.ts";

/** Why no authority vouches for a certificate, as far as TLS tells. */
export interface CertificateFault {
	/** OpenSSL's name for it, such as CERT_HAS_EXPIRED. */
	readonly code: unknown;
	/** When the certificate begins and ends, as OpenSSL writes dates. */
	readonly validFrom: string;
	readonly validTo: string;
	readonly isSelfSigned: boolean;
}

/**
 * Says why no authority vouches for a server. Never that one would if the time were right: anyone can
 * sign a certificate that has ended. `now` is in milliseconds since 1970.
 */
export function describeCertificateFault(
	server: HostPort,
	fault: CertificateFault,
	now: number,
): string {
	const what = `No certificate authority vouches for the server at ${formatHostPort(server)}.`;
	if (fault.code === "ERR_TLS_CERT_ALTNAME_INVALID") {
		return `${what} Its certificate is for another name.`;
	}
	const time = describeTime(fault, now);
	if (time === null) return what;
	// Nobody vouches for a self-signed certificate at any other time either.
	if (fault.isSelfSigned) return `${what} ${time}`;
	return `${what} ${time} This device's clock shows ${format(now)}: if that is wrong, set it.`;
}

/** What is wrong with a certificate's time, as far as TLS tells; null if nothing is. */
function describeTime({ code, validFrom, validTo }: CertificateFault, now: number): string | null {
	const start = Date.parse(validFrom);
	const end = Date.parse(validTo);
	switch (code) {
		case "CERT_HAS_EXPIRED":
			if (end <= now) return `Its certificate ended on ${format(end)}.`;
			return "A certificate in its chain has ended.";
		case "CERT_NOT_YET_VALID":
			if (start > now) return `Its certificate begins on ${format(start)}.`;
			return "A certificate in its chain is not valid yet.";
		default:
			return null;
	}
}

/** To the minute, in UTC, as the person who runs the server reads it. */
const format = (time: number): string =>
	`${new Date(time).toISOString().slice(0, 16).replace("T", " ")} UTC`;
