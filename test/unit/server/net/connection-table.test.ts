import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Connection } from "../../../../lib/server/net/connection.ts";
import { ConnectionTable } from "../../../../lib/server/net/connection-table.ts";
import { DEFAULTS } from "../../../support/defaults.ts";
import { FuzzedServer } from "../session/fuzzed-server.ts";

const folder = mkdtempSync(join(tmpdir(), "fernet-chat-table-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A table, and connections from wherever a test wants: this machine has too few networks. */
function lobby(maxStrangers: number) {
	const { context } = new FuzzedServer(folder);
	const table = new ConnectionTable({ ...DEFAULTS, maxStrangers, maxMembers: 1 });
	const cut: string[] = [];
	const connect = (remoteAddress: string): Connection => {
		const quiet = { setNoDelay() {}, shutdown() {}, write: (bytes: Uint8Array) => bytes.length };
		const terminate = () => cut.push(remoteAddress);
		const connection = new Connection({ ...quiet, remoteAddress, terminate } as never, context);
		expect(table.makeRoom(remoteAddress)).toBe(true);
		table.add(connection);
		return connection;
	};
	return { table, cut, connect };
}

const FEW: [who: string, ipOf: (i: number) => string][] = [
	["a /48 with countless /64s", (i) => `2001:db8:1:${i.toString(16)}::1`],
	["a /56 of it", (i) => `2001:db8:1:2${(i % 256).toString(16).padStart(2, "0")}::1`],
	["four addresses", (i) => `192.0.2.${i % 4}`],
];
test.each(FEW)("%s: others keep their places in the lobby, however many come", (_, ipOf) => {
	const { table, cut, connect } = lobby(20);
	const others = ["2001:db8:2::1", "198.51.100.1", "198.51.100.2"].map(connect);
	const neighbour = connect("2001:db8:1:ff00::1");
	const flood = Array.from({ length: 500 }, (_, i) => connect(ipOf(i)));
	for (const other of [...others, neighbour]) expect(other.isUnauthenticated).toBe(true);
	expect(flood.filter(({ isUnauthenticated }) => isUnauthenticated)).toHaveLength(16);
	// None of the flood closes its side.
	expect(table.size).toBe(1 + 2 * 20);
	expect(cut).toHaveLength(504 - 41);
});

test("of networks with one connection each, the one that has waited longest goes", () => {
	const { connect } = lobby(3);
	const all = [1, 2, 3, 4, 5].map((i) => connect(`192.0.2.${i}`));
	expect(all.map(({ isUnauthenticated }) => isUnauthenticated)).toEqual([
		...[false, false, true, true, true],
	]);
});
