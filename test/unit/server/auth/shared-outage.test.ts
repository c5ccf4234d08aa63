import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { eventually } from "../../../support/eventually.ts";
import { Redis } from "../../../support/redis.ts";
import { SharedServers } from "./shared-servers.ts";

// Logins while the Redis that the servers of a room share is killed, frozen, full or read-only: nobody
// is let in unchecked, nothing right is taken for wrong, and all is as it was once it is there again.

let redis: Redis;
let servers: SharedServers;
beforeAll(async () => {
	redis = await Redis.start();
});
afterAll(() => redis[Symbol.asyncDispose]());
beforeEach(async () => {
	await redis.cli("FLUSHALL");
	servers = new SharedServers(redis);
});
afterEach(() => servers[Symbol.dispose]());

const ANN = "ann@gmail.com";
const HOME = "192.0.2.1";
type Server = ReturnType<SharedServers["start"]>;

const issue = async ({ stores }: Server) => stores.logins.codes.issue(ANN, 0);

/** How a server answers while Redis is out of reach: each kind of login, and a request for a code. */
async function answers(server: Server, proof: { code: object; device: string }): Promise<string[]> {
	return Promise.all([
		server.logIn(ANN, HOME, proof.code),
		server.logIn(ANN, HOME, { device: proof.device }),
		server.logIn(ANN, HOME, { password: "x" }),
		server.requestCode(ANN, HOME),
	]);
}
const UNAVAILABLE = "store_unavailable";
const ALL_UNAVAILABLE = Array(4).fill(UNAVAILABLE);

describe.each([
	["killed", () => redis.stop(), () => redis.restart()],
	["frozen", async () => redis.freeze(), async () => redis.thaw()],
])("Redis that is %s", (how, fail, mend) => {
	test("lets nobody in, counts nothing as wrong, and has everything when it is there again", async () => {
		const [one, two] = [servers.start(), servers.start()];
		const device = await one.logIn(ANN, HOME, { ...(await issue(one)), remember: true });
		const code = await issue(one);
		await fail();
		// One server was connected, the other was not; and the second try is like the first.
		expect(await answers(one, { code, device })).toEqual(ALL_UNAVAILABLE);
		expect(await answers(two, { code, device })).toEqual(ALL_UNAVAILABLE);
		await mend();
		await eventually("Redis", () => redis.cli("PING"));
		expect(await two.logIn(ANN, HOME, { password: "x" })).toBe("gmail_unreachable");
		expect(await one.logIn(ANN, HOME, code)).toBe("accepted");
		expect(await two.logIn(ANN, HOME, { device })).toMatch(/^[0-9a-f]{96}$/);
		expect(servers.warnings.length).toBeWithin(1, 9);
		for (const warning of servers.warnings) expect(warning).toStartWith("Cannot ask Redis");
		expect([how, servers.warnings.join().includes(ANN)]).toEqual([how, false]);
	});
});

test.each([
	// To delete a code takes none, so it is taken.
	["has no memory left", ["CONFIG", "SET", "maxmemory"], "1", "0", "accepted", "code_expired"],
	["has become a replica", ["REPLICAOF"], "127.0.0.1 1", "NO ONE", UNAVAILABLE, "accepted"],
])("Redis that %s lets in nobody whom it could not count", async (_, ...given) => {
	const [command, spoilt, sound, during, after] = given;
	const server = servers.start();
	const code = await issue(server);
	const device = await server.logIn(ANN, HOME, { ...(await issue(server)), remember: true });
	await redis.cli(...command, ...spoilt.split(" "));
	const answered = await answers(server, { code, device });
	await redis.cli(...command, ...sound.split(" "));
	expect(answered).toEqual([during, UNAVAILABLE, UNAVAILABLE, UNAVAILABLE]);
	expect(await server.logIn(ANN, HOME, code)).toBe(after);
	expect(await server.logIn(ANN, HOME, { device })).toMatch(/^[0-9a-f]{96}$/);
});

test("killed at any moment, Redis makes no code good twice and ends no device", async () => {
	const limits = { accountLogins: 1000, addressLogins: 1000, accountCodes: 1000 };
	const all = [servers.start({ limits }), servers.start({ limits })];
	let secret = await all[0]?.logIn(ANN, HOME, { ...(await issue(all[0])), remember: true });
	for (let round = 0; round < 8; round++) {
		const [one, two] = [all[round % 2], all[(round + 1) % 2]];
		if (!one || !two) throw new Error("two servers");
		const code = await issue(one);
		let isDown = false;
		const taken: string[] = [];
		const login = async (server: Server): Promise<void> => {
			while (!isDown) taken.push(await server.logIn(ANN, HOME, code));
		};
		const use = async (): Promise<void> => {
			while (!isDown) {
				const next = await one.logIn(ANN, HOME, { device: secret });
				if (/^[0-9a-f]{96}$/.test(next)) secret = next;
				else expect(next).toBe(UNAVAILABLE);
			}
		};
		const running = [login(one), login(two), use()];
		await eventually("something taken", () => taken.length > round);
		await redis.stop();
		isDown = true;
		await Promise.all(running);
		await redis.restart();
		taken.push(await two.logIn(ANN, HOME, code));
		expect(taken.filter((answer) => answer === "accepted").length).toBeWithin(0, 2);
		expect(
			taken.filter((answer) => !["accepted", "code_expired", UNAVAILABLE].includes(answer)),
		).toEqual([]);
		// Redis may be only on its way back.
		secret = await eventually("Redis", async () => {
			const answer = await two.logIn(ANN, HOME, { device: secret });
			return answer !== UNAVAILABLE && answer;
		});
		expect(secret).toMatch(/^[0-9a-f]{96}$/);
	}
});
