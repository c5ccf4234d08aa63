import type { X509Certificate } from "node:crypto";
import { DAY } from "../limits/rate-limiter.ts";

/** Milliseconds before its end at which a certificate should have been renewed, if it lives long. */
const NOTICE = 14 * DAY;
/** Likewise for a short life, as the part of it that is left. */
const LAST_PART = 1 / 4;

/**
 * What the operator must know about a certificate's time, as the rest of a sentence about it; or
 * null. Changes from day to day. `now` is in milliseconds since 1970.
 */
export function validityWarning(
	{ validFromDate, validToDate }: X509Certificate,
	now: number,
): string | null {
	const start = validFromDate.getTime();
	const end = validToDate.getTime();
	if (now < start) {
		return `is not valid before ${validFromDate.toISOString()}. Is this machine's clock right?`;
	}
	if (now >= end) return `ended on ${validToDate.toISOString()}, ${days(now - end)} ago. Renew it.`;
	if (end - now > Math.min(NOTICE, (end - start) * LAST_PART)) return null;
	return `ends on ${validToDate.toISOString()}, in ${days(end - now)}. Renew it.`;
}

function days(milliseconds: number): string {
	const count = Math.floor(milliseconds / DAY);
	if (count === 0) return "less than a day";
	return count === 1 ? "1 day" : `${count} days`;
}
