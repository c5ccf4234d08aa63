import { expect, test } from "bun:test";
import { describeCertificateFault } from "../../../../lib/client/net/certificate-fault.ts";

const SERVER = { host: "chat.example", port: 5050 };
const NOW = Date.UTC(2026, 10, 26, 20, 13);
const PAST = "Nov 17 20:13:29 2026 GMT";
const FUTURE = "Dec  6 08:00:00 2026 GMT";
const CLOCK = "This device's clock shows 2026-11-26 20:13 UTC: if that is wrong, set it.";

test.each([
	[
		"CERT_HAS_EXPIRED",
		PAST,
		PAST,
		`ended on 2026-11-17 20:13 UTC, so nobody vouches for it. ${CLOCK}`,
	],
	[
		"CERT_HAS_EXPIRED",
		PAST,
		FUTURE,
		`ended before its time, as one of its chain has, so nobody vouches for it. ${CLOCK}`,
	],
	[
		"CERT_HAS_EXPIRED",
		"",
		"",
		`ended before its time, as one of its chain has, so nobody vouches for it. ${CLOCK}`,
	],
	[
		"CERT_NOT_YET_VALID",
		FUTURE,
		FUTURE,
		`is not valid before 2026-12-06 08:00 UTC, so nobody vouches for it. ${CLOCK}`,
	],
	[
		"CERT_NOT_YET_VALID",
		PAST,
		FUTURE,
		`is not valid yet, as one of its chain is not, so nobody vouches for it. ${CLOCK}`,
	],
	["ERR_TLS_CERT_ALTNAME_INVALID", PAST, FUTURE, "is for another name, so nobody vouches for it."],
])("%s, from %p to %p", (code, validFrom, validTo, rest) => {
	expect(describeCertificateFault(SERVER, { code, validFrom, validTo }, NOW)).toBe(
		`The certificate of the server at chat.example:5050 ${rest}`,
	);
});

test.each(["DEPTH_ZERO_SELF_SIGNED_CERT", "UNABLE_TO_GET_ISSUER_CERT", undefined])(
	"%p: nobody vouches",
	(code) => {
		const fault = { code, validFrom: PAST, validTo: PAST };
		expect(describeCertificateFault(SERVER, fault, NOW)).toBe(
			"No certificate authority vouches for the server at chat.example:5050.",
		);
	},
);
