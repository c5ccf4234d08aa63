import { expect, test } from "bun:test";
import { ProvedNetworks } from "../../../../lib/server/auth/proved-networks.ts";

const ANN = "ann@gmail.com";
const DAY = 24 * 3_600_000;

const isHome = (proved: ProvedNetworks, account: string, ip: string, now = 0): boolean =>
	proved.originOf(account, ip, now).rank === "home";

test("an account is at home where it was proved, and nobody else is", () => {
	const proved = new ProvedNetworks();
	proved.add(ANN, "2001:db8:1:2::7", 0);
	expect(isHome(proved, ANN, "2001:db8:1:2:ffff::1")).toBe(true);
	expect(isHome(proved, ANN, "2001:db8:1:3::7")).toBe(false);
	expect(isHome(proved, "bob@gmail.com", "2001:db8:1:2::7")).toBe(false);
	const ann = proved.originOf(ANN, "2001:db8:1:2::7", 0);
	const eve = proved.originOf("eve@gmail.com", "2001:db8:1:2::7", 0);
	const away = proved.originOf(ANN, "192.0.2.1", 0);
	// No key is shared: what one uses up the other has still.
	expect(new Set([ann, eve, away].map(({ accountKey }) => accountKey)).size).toBe(3);
	expect(new Set([ann, eve, away].map(({ networkKey }) => networkKey)).size).toBe(3);
	expect(new Set([ann, eve, away].flatMap(({ networks }) => networks)).size).toBe(5);
});

test("the last four networks of an account are remembered, for thirty days", () => {
	const proved = new ProvedNetworks();
	for (const i of [1, 2, 3, 1, 4, 5]) proved.add(ANN, `192.0.2.${i}`, i * DAY);
	const homes = (now: number) =>
		[1, 2, 3, 4, 5].filter((i) => isHome(proved, ANN, `192.0.2.${i}`, now));
	expect(homes(5 * DAY)).toEqual([1, 3, 4, 5]);
	expect(homes(35 * DAY - 1)).toEqual([1, 3, 4, 5]);
	expect(homes(35 * DAY)).toEqual([]);
});
