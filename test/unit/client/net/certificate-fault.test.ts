import { expect, test } from "bun:test";
import { describeCertificateFault } from "../../../../lib/client/net/certificate-fault.ts";

const SERVER = { host: "chat.example", port: 5050 };
const NOW = Date.UTC(2026, 10, 26, 20, 13);
const PAST = "Nov 17 20:13:29 2026 GMT";
const FUTURE = "Dec  6 08:00:00 2026 GMT";
const CLOCK = "This device's clock shows 2026-11-26 20:13 UTC: if that is wrong, set it.";

const WHAT = "No certificate authority vouches for the server at chat.example:5050.";

test.each([
	["CERT_HAS_EXPIRED", PAST, PAST, "Its certificate ended on 2026-11-17 20:13 UTC."],
	["CERT_HAS_EXPIRED", PAST, FUTURE, "A certificate in its chain has ended."],
	["CERT_HAS_EXPIRED", "", "", "A certificate in its chain has ended."],
	["CERT_NOT_YET_VALID", FUTURE, FUTURE, "Its certificate begins on 2026-12-06 08:00 UTC."],
	["CERT_NOT_YET_VALID", PAST, FUTURE, "A certificate in its chain is not valid yet."],
])(
	"%s, from %p to %p: the clock may be wrong, unless it is self-signed",
	(code, from, to, time) => {
		const fault = { code, validFrom: from, validTo: to, isSelfSigned: false };
		expect(describeCertificateFault(SERVER, fault, NOW)).toBe(`${WHAT} ${time} ${CLOCK}`);
		const own = { ...fault, isSelfSigned: true };
		expect(describeCertificateFault(SERVER, own, NOW)).toBe(`${WHAT} ${time}`);
	},
);

test.each([
	["ERR_TLS_CERT_ALTNAME_INVALID", `${WHAT} Its certificate is for another name.`],
	["DEPTH_ZERO_SELF_SIGNED_CERT", WHAT],
	["UNABLE_TO_GET_ISSUER_CERT", WHAT],
	[undefined, WHAT],
])("%p says nothing of time", (code, text) => {
	const fault = { code, validFrom: PAST, validTo: PAST, isSelfSigned: false };
	expect(describeCertificateFault(SERVER, fault, NOW)).toBe(text);
});
