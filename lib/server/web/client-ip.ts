import { isIP } from "node:net";
import type { Request } from "../../web/request.ts";
import { canonicalIp } from "../limits/ip-address.ts";

/**
 * The address that our proxy saw, which it added last: whatever stands before, the client may have
 * written itself. Null if the proxy names none, because its own would count all as one.
 */
export function forwardedIp({ headers }: Request): string | null {
	const last = headers.get("x-forwarded-for")?.split(",").at(-1)?.trim() ?? "";
	return isIP(last) === 0 || last.includes("%") ? null : canonicalIp(last);
}
