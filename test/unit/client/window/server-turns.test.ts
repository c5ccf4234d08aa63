import { expect, test } from "bun:test";
import { KnownServers } from "../../../../lib/client/net/known-servers.ts";
import type { LinkHandlers } from "../../../../lib/client/net/link.ts";
import { ServerList } from "../../../../lib/client/net/server-list.ts";
import { ConfigDir } from "../../../../lib/client/util/config-dir.ts";
import { type Fault, faultOf } from "../../../../lib/client/window/fault.ts";
import { ServerTurns } from "../../../../lib/client/window/server-turns.ts";
import type { WindowMessage } from "../../../../lib/client/window/window-messages.ts";
import type { Endpoint } from "../../../../lib/util/endpoint.ts";
import { Pretender } from "../../../e2e/tls/pretender.ts";
import { ELSEWHERE, selfSigned } from "../../../support/certificates.ts";
import { eventually } from "../../../support/eventually.ts";

// A page is led through the room's servers as a terminal client goes through them.

const knownServers = new KnownServers(new ConfigDir({ XDG_CONFIG_HOME: "/dev/null" }));
const THREE = ["192.0.2.1", "192.0.2.2", "192.0.2.3"].map((host) => ({
	...{ host, port: 5050, fingerprints: [] },
}));
const REFUSED: Fault = { code: "server_unreachable", text: "No server answers." };

const NOBODY: LinkHandlers = { line() {}, closed() {}, heard() {}, woke() {}, fault() {} };

function begin(endpoints: readonly Endpoint[] = THREE) {
	const sent: WindowMessage[] = [];
	const servers = new ServerList(endpoints, { keys: undefined, knownServers });
	const turns = new ServerTurns(servers, (message) => sent.push(message));
	let taken = 0;
	const next = (): Promise<WindowMessage> =>
		eventually("a message", () => sent[taken]).then((message) => {
			taken++;
			return message;
		});
	/** Ends the attempt that comes next. */
	const end = async (fault?: Fault): Promise<void> => {
		const message = await next();
		if (message.type !== "attempt") throw new Error(message.type);
		turns.tried(message.number, fault);
	};
	return { turns, servers, next, end };
}

test("the next server is tried after a fault, and the one that is good is remembered", async () => {
	const { turns, servers, next, end } = begin();
	void turns.begin(7);
	expect(await next()).toMatchObject({ type: "attempt", id: 7, number: 1, limit: 4000 });
	turns.tried(1, REFUSED);
	await end();
	expect(await next()).toEqual({
		...{ type: "tried_all", id: 7, label: "192.0.2.2:5050", fault: undefined },
	});
	servers.leaveCurrent();
	void turns.begin(8);
	await end(REFUSED);
	expect(servers.label).toBe("192.0.2.2:5050");
	await end();
	expect(await next()).toMatchObject({ type: "tried_all", id: 8, label: "192.0.2.1:5050" });
});

test("what another server cannot mend ends the turn; the last one has no limit", async () => {
	const { turns, next, end } = begin();
	void turns.begin(1);
	const banned = { code: "banned", text: "You are banned." };
	await end(banned);
	expect(await next()).toMatchObject({ type: "tried_all", fault: banned });
	void turns.begin(2);
	await end(REFUSED);
	await end(REFUSED);
	expect(await next()).toMatchObject({ type: "attempt", id: 2, limit: null });
	turns.tried(5, REFUSED);
	turns.tried(4, REFUSED);
	turns.tried(99, REFUSED);
	expect(await next()).toMatchObject({
		type: "tried_all",
		id: 2,
		fault: { code: "server_unreachable" },
	});
});

test("a page that stops, or has gone, has no more attempts", async () => {
	const { turns, next } = begin();
	void turns.begin(1);
	const first = await next();
	turns.stop(1);
	turns.stop(2);
	expect(first).toMatchObject({ type: "attempt", number: 1 });
	turns.tried(1, REFUSED);
	expect(await next()).toMatchObject({ type: "tried_all", id: 1, fault: REFUSED });
	void turns.begin(2);
	await next();
	turns.end();
	expect(await next()).toMatchObject({ type: "tried_all", id: 2, fault: { code: "server_lost" } });
	await expect(turns.open(1, { id: "", key: "" }, NOBODY)).rejects.toMatchObject({
		code: "server_lost",
	});
});

test("a server that nobody vouches for is passed over, and one that has changed ends the turn", async () => {
	await using stranger = await Pretender.open({ identity: await selfSigned("chat.test") });
	const unknown = { host: ELSEWHERE, port: stranger.port, fingerprints: [] };
	const changed = { ...unknown, fingerprints: ["0".repeat(64)] };
	const other = { host: "192.0.2.1", port: 5050, fingerprints: [] };
	for (const [first, answer] of [
		[unknown, { type: "attempt", number: 2 }],
		[changed, { type: "tried_all", fault: { code: "wrong_fingerprint", isUntrusted: true } }],
	] as const) {
		const { turns, next } = begin([first, other]);
		void turns.begin(1);
		await next();
		const start = { id: "0".repeat(32), key: "" };
		const fault = await turns.open(1, start, NOBODY).then(() => undefined, faultOf);
		expect(fault).toMatchObject({ isUntrusted: true });
		turns.tried(1, fault);
		expect(await next()).toMatchObject(answer);
		turns.end();
	}
});
