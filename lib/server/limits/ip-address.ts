const MAPPED = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i;
const GROUPS = 8;

/** A socket's address as people know it: IPv4 that arrived as IPv6 becomes IPv4 again. */
export const canonicalIp = (remote: string): string => MAPPED.exec(remote)?.[1] ?? remote;

/**
 * What a limit counts by: an IPv4 address, or the /64 that an IPv6 provider gives to one customer,
 * who would otherwise have more addresses than anybody can count.
 */
export function networkOf(ip: string): string {
	if (!ip.includes(":")) return ip;
	const [before = "", after] = ip.replace(/%.*$/, "").toLowerCase().split("::");
	const left = before === "" ? [] : before.split(":");
	const right = after ? after.split(":") : [];
	const zeros = Array<string>(Math.max(0, GROUPS - left.length - right.length)).fill("0");
	const groups = after === undefined ? left : [...left, ...zeros, ...right];
	return `${groups.slice(0, GROUPS / 2).join(":")}::/64`;
}
