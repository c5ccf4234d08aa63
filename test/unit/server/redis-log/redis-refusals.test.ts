import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { parseRedisUrl, type RedisAddress } from "../../../../lib/server/redis/redis-address.ts";
import { RedisRefusal } from "../../../../lib/server/redis/redis-connection.ts";
import { whyUnreachable } from "../../../../lib/server/redis/why-unreachable.ts";
import { openRedisLog } from "../../../../lib/server/redis-log/open-redis-log.ts";
import { ChatError } from "../../../../lib/util/errors.ts";
import { generateKey } from "../../../../lib/wire/crypto/fernet.ts";
import { listen, portOf } from "../../../support/listen.ts";
import { quietPort } from "../../../support/quiet-port.ts";
import { DURABLE, Redis } from "../../../support/redis.ts";
import { Place } from "../room-log/logs.ts";

// What keeps a server from starting, or is said when it starts.

const redis = await Redis.start(...DURABLE, "--requirepass", "sesame");
afterAll(() => redis[Symbol.asyncDispose]());

const address = (url: string): RedisAddress => {
	const parsed = parseRedisUrl(url);
	if (parsed) return parsed;
	throw new Error(`not a URL of Redis: ${url}`);
};

function load(place: Place, url: string, key = join(place.folder, "key")) {
	const { warn } = place;
	return openRedisLog({ address: address(url), key, maxBytes: 1000, warn, onFailure: () => {} });
}

/** The sentence with which a server refuses to start. */
async function refusal(place: Place, url: string): Promise<string> {
	try {
		const log = await load(place, url);
		await log.close();
		return "";
	} catch (error) {
		if (!(error instanceof ChatError)) throw error;
		expect(error.code).toBe("room_log_unusable");
		expect(error.message).not.toMatch(/sesame|:wrong/);
		return error.message;
	}
}

/** Something that is not Redis. */
async function other(answer: string): Promise<{ port: number; server: Server }> {
	const server = createServer((socket) => {
		socket.on("error", () => {});
		socket.end(answer);
	});
	await listen(server);
	return { port: portOf(server), server };
}

const { port } = redis;
const nowhere = quietPort();
const web = await other("HTTP/1.1 400 Bad Request\r\n\r\n");
const mute = await other("");
/** Says what would change the title of a terminal, clear it, and write a line of its own. */
const rude = await other("-ERR \x1b]0;owned\x07\x1b[2J\u009b1m\r-- all is well\u202e\r\n");
afterAll(() => {
	for (const { server } of [web, mute, rude]) server.close();
});

test.each([
	[`redis://127.0.0.1:${nowhere}`, `Nothing listens at 127.0.0.1:${nowhere}.`],
	["redis://no-such-host.invalid", 'Cannot find "no-such-host.invalid".'],
	[`redis://127.0.0.1:${port}`, "It asks for a password."],
	[`redis://:wrong@127.0.0.1:${port}`, "It does not accept this user and password."],
	[`redis://ann:wrong@127.0.0.1:${port}`, "It does not accept this user and password."],
	[`redis://:sesame@127.0.0.1:${port}/99`, "It has no database 99."],
	[`rediss://127.0.0.1:${web.port}`, "offers no TLS that can be trusted"],
	[`redis://127.0.0.1:${web.port}`, "What answers there is not Redis"],
	[`redis://127.0.0.1:${mute.port}`, "What answers there is not Redis"],
])("%s: says what is wrong", async (url, sentence) => {
	using place = new Place();
	const shown = url.replace(/\/\/.*@/, "//");
	const said = await refusal(place, url);
	expect(said).toStartWith(`Cannot use Redis at ${shown}`);
	expect(said).toContain(sentence);
});

test("what answers in the place of Redis cannot control the operator's terminal", async () => {
	using place = new Place();
	const said = await refusal(place, `redis://127.0.0.1:${rude.port}`);
	expect(said).toContain("It says: ERR ]0;owned[2J");
	expect(said).not.toMatch(/\p{C}|\p{Zl}|\p{Zp}/u);
	const { message } = new RedisRefusal(new Error(`OOM \x1b[2J\n\u202e${"x".repeat(10_000)}`));
	expect(message).toBe(`OOM [2J ${"x".repeat(192)}`);
});

describe("a Redis that is up", () => {
	const url = `redis://:sesame@127.0.0.1:${port}`;
	const cli = (...command: string[]) => redis.cli("-a", "sesame", "--no-auth-warning", ...command);

	beforeEach(async () => {
		await cli("FLUSHALL");
	});

	test.each([
		["maxmemory-policy", "allkeys-lru", "noeviction"],
		["maxmemory-policy", "allkeys-random", "noeviction"],
	])("that has %s %s is refused", async (name, value, good) => {
		using place = new Place();
		await cli("CONFIG", "SET", name, value);
		expect(await refusal(place, url)).toContain(`Its ${name} is ${value}`);
		await cli("CONFIG", "SET", name, good);
		expect(await refusal(place, url)).toBe("");
		expect(place.warnings).toEqual([]);
	});

	test.each([
		["appendfsync", "everysec", "always", "has appendfsync everysec"],
		["appendfsync", "no", "always", "has appendfsync no"],
		["appendonly", "no", "yes", "keeps nothing on disk"],
		["no-appendfsync-on-rewrite", "yes", "no", "has no-appendfsync-on-rewrite yes"],
		["maxmemory-policy", "volatile-lru", "noeviction", "has maxmemory-policy volatile-lru"],
		["maxmemory-policy", "volatile-ttl", "noeviction", "it may drop remembered devices"],
		["maxmemory-policy", "volatile-random", "noeviction", "Set it to noeviction."],
	])("that has %s %s is used, with a warning", async (name, value, good, warning) => {
		using place = new Place();
		await cli("CONFIG", "SET", name, value);
		expect(await refusal(place, url)).toBe("");
		expect(place.warnings).toEqual([expect.stringContaining(warning)]);
		await cli("CONFIG", "SET", name, good);
		expect(await refusal(place, url)).toBe("");
		expect(place.warnings).toHaveLength(1);
	});

	test("that is a replica is refused", async () => {
		using place = new Place();
		await cli("REPLICAOF", "127.0.0.1", String(nowhere));
		expect(await refusal(place, url)).toContain("It is a replica, which takes no changes.");
		await cli("REPLICAOF", "NO", "ONE");
		expect(await refusal(place, url)).toBe("");
	});

	test("whose room has another key is refused, and left as it is", async () => {
		using place = new Place();
		using stranger = new Place();
		const log = await load(place, url);
		await log.close();
		const before = await cli("XRANGE", "fc:{room}:log", "-", "+");
		expect(await refusal(stranger, url)).toContain(
			`no key file ${join(stranger.folder, "key")}. Copy it from`,
		);
		expect(stranger.files).toEqual([]);
		writeFileSync(join(stranger.folder, "key"), generateKey(), { mode: 0o600 });
		expect(await refusal(stranger, url)).toContain("is sealed with another key");
		expect(await cli("XRANGE", "fc:{room}:log", "-", "+")).toBe(before);
	});

	test("that holds something else under the room's name is refused, and left as it is", async () => {
		using place = new Place();
		await cli("SET", "fc:{room}:log", "mine");
		expect(await refusal(place, url)).toEndWith(
			"says: WRONGTYPE Operation against a key holding the wrong kind of value",
		);
		expect(await cli("GET", "fc:{room}:log")).toBe("mine");
	});

	test("broke off, and answers again: nobody is told to look for another fault", async () => {
		expect(await whyUnreachable(address(url))).toStartWith("It answers now");
		expect(await whyUnreachable(address(url.replace("sesame", "wrong")))).toContain("password");
	});

	test("is not even asked without a good key", async () => {
		using place = new Place();
		const key = join(place.folder, "key");
		writeFileSync(key, "no key", { mode: 0o600 });
		expect(await refusal(place, url)).toContain("does not hold a Fernet key");
		writeFileSync(join(place.folder, "open"), generateKey(), { mode: 0o644 });
		expect(load(place, url, join(place.folder, "open"))).rejects.toThrow("Cannot use the key file");
	});
});
