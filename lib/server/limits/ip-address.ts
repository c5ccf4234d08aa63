const MAPPED = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i;
const GROUPS = 8;

/** A socket's address as people know it: IPv4 that arrived as IPv6 becomes IPv4 again. */
export const canonicalIp = (remote: string): string => MAPPED.exec(remote)?.[1] ?? remote;

/**
 * What a limit counts by: an IPv4 address, or the /64 that an IPv6 provider gives to one customer,
 * who would otherwise have more addresses than anybody can count.
 */
export const networkOf = (ip: string): string => networksOf(ip).at(-1) ?? ip;

/**
 * The networks that take turns, the largest first: some providers give a customer a /56 or a /48,
 * which is 256 or 65,536 of the networks that limits count by.
 */
export function networksOf(ip: string): string[] {
	if (!ip.includes(":")) return [ip];
	const [before = "", after] = ip.replace(/%.*$/, "").toLowerCase().split("::");
	const left = before === "" ? [] : before.split(":");
	const right = after ? after.split(":") : [];
	const zeros = Array<string>(Math.max(0, GROUPS - left.length - right.length)).fill("0");
	const groups = after === undefined ? left : [...left, ...zeros, ...right];
	const site = groups.slice(0, 3).join(":");
	const subnet = groups[3] ?? "0";
	// The last group of a /56 has only its first byte.
	const block = (Number.parseInt(subnet, 16) & 0xff00).toString(16);
	return [`${site}::/48`, `${site}:${block}::/56`, `${site}:${subnet}::/64`];
}
