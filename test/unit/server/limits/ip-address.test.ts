import { expect, test } from "bun:test";
import { canonicalIp, networkOf, networksOf } from "../../../../lib/server/limits/ip-address.ts";

test.each([
	["127.0.0.1", "127.0.0.1"],
	["::ffff:192.0.2.7", "192.0.2.7"],
	["::FFFF:192.0.2.7", "192.0.2.7"],
	["2001:db8::1", "2001:db8::1"],
	["::1", "::1"],
])("%s is known as %s", (remote, known) => {
	expect(canonicalIp(remote)).toBe(known);
});

test.each([
	["192.0.2.7", "192.0.2.7"],
	["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
	["2001:DB8:1:2::6", "2001:db8:1:2::/64"],
	["2001:db8:1:2:ffff::", "2001:db8:1:2::/64"],
	["2001:db8::1", "2001:db8:0:0::/64"],
	["fe80::1:2:3:4%eth0", "fe80:0:0:0::/64"],
	["::1", "0:0:0:0::/64"],
])("the limits of %s are those of %s", (address, network) => {
	expect(networkOf(address)).toBe(network);
});

test.each([
	["192.0.2.7", ["192.0.2.7"]],
	["2001:db8:1:2ff::6", ["2001:db8:1::/48", "2001:db8:1:200::/56", "2001:db8:1:2ff::/64"]],
	["2001:db8:1:ff::6", ["2001:db8:1::/48", "2001:db8:1:0::/56", "2001:db8:1:ff::/64"]],
	["::1", ["0:0:0::/48", "0:0:0:0::/56", "0:0:0:0::/64"]],
])("%s takes its turn in %j", (address, networks) => {
	expect(networksOf(address)).toEqual(networks);
});
