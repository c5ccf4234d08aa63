import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "../../../support/eventually.ts";
import { Redis } from "../../../support/redis.ts";
import { mailing } from "../mail/mailing.ts";
import { SharedServers } from "./shared-servers.ts";

// What the servers of one room hold together about logins, over a real Redis.

let redis: Redis;
beforeAll(async () => {
	redis = await Redis.start();
});
afterAll(() => redis[Symbol.asyncDispose]());
beforeEach(() => redis.cli("FLUSHALL"));

const ANN = "ann@gmail.com";
const HOME = "192.0.2.1";
const ROUNDS = 200;

/** Servers with a mailer, and the codes that it has mailed to an account. */
async function mailed(limits = {}) {
	const setup = await mailing({});
	const servers = new SharedServers(redis);
	const codes = () => [...setup.mailbox.clear.matchAll(/fernet-chat code is (\d{6})/g)];
	let count = 0;
	return {
		servers,
		start: () => servers.start({ mailer: setup.mailer, limits }),
		/** The code that was mailed next. */
		code: async () => {
			const at = count++;
			return (await eventually("a mail", () => codes()[at]))[1] ?? "";
		},
		[Symbol.asyncDispose]: async () => {
			servers[Symbol.dispose]();
			await setup[Symbol.asyncDispose]();
		},
	};
}

const differentFrom = (code: string): string =>
	code.replace(/.$/, (it) => (it === "0" ? "1" : "0"));

test("a code that one server mailed is taken by another, once, and for its own account", async () => {
	await using mail = await mailed();
	const [one, two, three] = [mail.start(), mail.start(), mail.start()];
	const ticket = await one.requestCode("a.n.n@gmail.com", HOME);
	const code = await mail.code();
	expect(await two.logIn("eve@gmail.com", HOME, { ticket, code })).toBe("code_expired");
	expect(await two.logIn(ANN, HOME, { ticket: "0".repeat(32), code })).toBe("code_expired");
	expect(await two.logIn("Ann@googlemail.com", HOME, { ticket, code })).toBe("accepted");
	for (const server of [one, two, three]) {
		expect(await server.logIn(ANN, HOME, { ticket, code })).toBe("code_expired");
	}
});

test("of two servers that are given a code at one instant, one takes it", async () => {
	using servers = new SharedServers(redis);
	const [one, two] = [servers.start(), servers.start()];
	const outcomes = new Set<string>();
	for (let i = 0; i < ROUNDS; i++) {
		const issued = await one.stores.logins.codes.issue(ANN, 0);
		const both = [one, two].map((server) => server.logIn(ANN, HOME, issued));
		outcomes.add((await Promise.all(both)).toSorted().join());
	}
	expect([...outcomes]).toEqual(["accepted,code_expired"]);
});

test("wrong codes count wherever they are given, and the right one is no good after five", async () => {
	using servers = new SharedServers(redis);
	const all = [servers.start(), servers.start(), servers.start()];
	const { ticket, code } = (await all[0]?.stores.logins.codes.issue(ANN, 0)) ?? {};
	const wrong = { ticket, code: differentFrom(code ?? "") };
	const answers: unknown[] = [];
	for (let i = 0; i < 5; i++) answers.push(await all[i % 3]?.logIn(ANN, HOME, wrong));
	expect(answers).toEqual([...Array(4).fill("wrong_code"), "code_expired"]);
	expect(await all[1]?.logIn(ANN, HOME, { ticket, code })).toBe("code_expired");
	// At one instant, no more guesses are had than one after the other.
	const next = (await all[0]?.stores.logins.codes.issue(ANN, 0)) ?? { ticket: "", code: "" };
	const guess = { ticket: next.ticket, code: differentFrom(next.code) };
	const guesses = Array.from({ length: 12 }, (_, i) => all[i % 3]?.logIn(ANN, HOME, guess));
	const expired = (await Promise.all(guesses)).filter((answer) => answer === "code_expired");
	expect(expired).toHaveLength(12 - 4);
});

test("a code ends after ten minutes, by Redis' clock, however it was tried", async () => {
	using servers = new SharedServers(redis);
	const server = servers.start();
	const { ticket, code } = await server.stores.logins.codes.issue(ANN, 0);
	for (const left of [5, 4, 3, 2, 1]) {
		const [lifetime, ...others] = await lifetimesIn(redis);
		expect(others).toEqual([]);
		expect([left, (lifetime ?? 0) > 9 * 60_000, (lifetime ?? 0) <= 10 * 60_000]).toEqual([
			left,
			true,
			true,
		]);
		await server.logIn(ANN, HOME, { ticket, code: differentFrom(code) });
	}
});

test("logins are counted over all servers, by account and by network, from one minute to the next", async () => {
	using servers = new SharedServers(redis);
	const all = [servers.start(), servers.start(), servers.start()];
	const tried = await Promise.all(
		Array.from({ length: 9 }, (_, i) => {
			return all[i % 3]?.logIn(ANN, `198.51.100.${i}`, { password: "x" });
		}),
	);
	expect(tried.toSorted()).toEqual([
		...Array(3).fill("gmail_unreachable"),
		...Array(6).fill("too_many_logins"),
	]);
	expect(await all[0]?.logIn("bob@gmail.com", HOME, { password: "x" })).toBe("gmail_unreachable");
	const crowd = Array.from({ length: 70 }, (_, i) =>
		all[i % 3]?.logIn(`n${i}@gmail.com`, "203.0.113.1", { password: "x" }),
	);
	const answers = await Promise.all(crowd);
	expect(answers.filter((answer) => answer === "gmail_unreachable")).toHaveLength(60);
	// Each count has its end.
	for (const lifetime of await lifetimesIn(redis)) expect(lifetime).toBeWithin(1, 61_001);
});

test("what one limit refuses uses up nothing of the others", async () => {
	using servers = new SharedServers(redis);
	const limits = { accountLogins: 1, addressLogins: 2 };
	const [one, two] = [servers.start({ limits }), servers.start({ limits })];
	const logIn = (server: typeof one, name: string) =>
		server.logIn(`${name}@gmail.com`, HOME, { password: "x" });
	expect(await logIn(one, "ann")).toBe("gmail_unreachable");
	for (let i = 0; i < 5; i++) expect(await logIn(two, "ann")).toBe("too_many_logins");
	expect(await logIn(two, "bob")).toBe("gmail_unreachable");
	expect(await logIn(one, "eve")).toBe("too_many_logins");
});

test("codes are counted over all servers: an account's, a network's and a few networks'", async () => {
	using servers = new SharedServers(redis);
	const all = [servers.start(), servers.start()];
	let asked = 0;
	const ask = (email: string, ip: string) => all[asked++ % 2]?.requestCode(email, ip) ?? "";
	for (let i = 0; i < 5; i++) expect(await ask(ANN, HOME)).toMatch(/^[0-9a-f]{32}$/);
	expect(await ask(ANN, "192.0.2.2")).toBe("too_many_codes");
	// Three networks get half of what strangers share, and then two an hour each.
	for (let i = 0; i < 200; i++) await ask(`n${i}@gmail.com`, `198.51.100.${i % 3}`);
	for (const i of [0, 1, 2]) {
		expect(await ask(`m${i}@gmail.com`, `198.51.100.${i}`)).toBe("too_many_codes");
	}
	const others = [await ask("b@gmail.com", "203.0.113.1"), await ask("c@gmail.com", "203.0.113.1")];
	for (const ticket of others) expect(ticket).toMatch(/^[0-9a-f]{32}$/);
	expect(await ask("d@gmail.com", "203.0.113.1")).toBe("too_many_codes");
	for (const lifetime of await lifetimesIn(redis)) expect(lifetime).toBeWithin(1, 61 * 60_000 + 1);
});

test("an account is at home at every server where it was proved at one", async () => {
	using servers = new SharedServers(redis);
	const [one, two] = [servers.start(), servers.start()];
	expect(await one.logIn(ANN, HOME, await one.stores.logins.codes.issue(ANN, 0))).toBe("accepted");
	for (let i = 0; i < 4; i++) await two.logIn(ANN, `198.51.100.${i}`, { password: "x" });
	expect(await two.logIn(ANN, "198.51.100.9", { password: "x" })).toBe("too_many_logins");
	// Strangers have used up what strangers have; she has her own.
	expect(await two.logIn(ANN, HOME, { password: "x" })).toBe("gmail_unreachable");
	expect(await two.logIn("eve@gmail.com", HOME, { password: "x" })).toBe("gmail_unreachable");
});

test("logins of a device are counted over all servers, apart from those by password", async () => {
	using servers = new SharedServers(redis);
	const all = [servers.start(), servers.start(), servers.start()];
	const proof = { ...(await all[0]?.stores.logins.codes.issue(ANN, 0)), remember: true };
	let device = (await all[0]?.logIn(ANN, HOME, proof)) ?? "";
	for (const server of all) {
		device = await server.logIn(ANN, HOME, { device });
		expect(device).toMatch(/^[0-9a-f]{96}$/);
	}
	for (const server of all)
		expect(await server.logIn(ANN, HOME, { device })).toBe("too_many_logins");
	expect(await all[1]?.logIn(ANN, HOME, { password: "x" })).toBe("gmail_unreachable");
});

test("wrong device secrets of invented accounts leave nothing in Redis", async () => {
	using servers = new SharedServers(redis);
	const server = servers.start();
	for (let i = 0; i < 100; i++) {
		const device = i.toString(16).padStart(96, "0");
		const answer = await server.logIn(`n${i}@gmail.com`, `10.0.0.${i}`, { device });
		expect(answer).toBe("device_unknown");
	}
	expect(await redis.cli("DBSIZE")).toBe("0");
});

test("Redis and its file have no account, network, code, ticket or secret in clear", async () => {
	using servers = new SharedServers(redis);
	const server = servers.start();
	// Long enough not to be in a token by chance.
	const [name, other, banned] = ["annabella77", "robert1234", "mallory888"];
	const account = `${name}@gmail.com`;
	const issued = await server.stores.logins.codes.issue(account, 0);
	const pending = await server.stores.logins.codes.issue(`${other}@gmail.com`, 0);
	const secret = await server.logIn(account, HOME, { ...issued, remember: true });
	const next = await server.logIn(account, HOME, { device: secret });
	expect(next).toMatch(/^[0-9a-f]{96}$/);
	await server.logIn(account, HOME, { password: "gatsbyandtheflap" });
	await server.stores.sharedBans?.open();
	await server.stores.sharedBans?.keep({
		bans: new Set([`${banned}@gmail.com`]),
		banVersion: { lineage: "some", version: 1, past: [] },
	});
	const keys = await redis.cli("--scan");
	expect(keys.split("\n").length).toBeGreaterThan(5);
	const folder = join(redis.folder, "appendonlydir");
	const files = readdirSync(folder).map((file) => readFileSync(join(folder, file), "latin1"));
	const seen = [keys, ...files].join("\n");
	expect(seen).toContain("fc:{room}:");
	const secrets = [name, other, banned, "gmail.com", HOME, "gatsby", issued.ticket];
	for (const each of [...secrets, pending.ticket, secret, next, secret.slice(0, 32)]) {
		expect(seen).not.toContain(each);
	}
	// A time may have the same digits.
	expect(seen.replaceAll(/\d{9,}/g, "")).not.toContain(pending.code);
});

/** Milliseconds that each key has still to live; -1 for one that has no end. */
async function lifetimesIn(redis: Redis): Promise<number[]> {
	const script = `local all = {}
for _, name in ipairs(redis.call("KEYS", "*")) do table.insert(all, redis.call("PTTL", name)) end
return all`;
	return (await redis.cli("EVAL", script, "0")).split("\n").map(Number);
}
