import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import type { Device } from "../../../../lib/server/devices/device-file.ts";
import {
	MAX_DEVICES_PER_PARTITION,
	partitionOf,
	RedisDeviceList,
} from "../../../../lib/server/devices/redis-device-list.ts";
import { MAX_DEVICES_PER_ACCOUNT } from "../../../../lib/server/devices/secret-rotation.ts";
import { LazyRedisConnection } from "../../../../lib/server/redis/lazy-redis-connection.ts";
import { parseRedisUrl } from "../../../../lib/server/redis/redis-address.ts";
import { SharedValues } from "../../../../lib/server/redis/shared-values.ts";
import { generateKey } from "../../../../lib/wire/crypto/fernet.ts";
import { deviceField } from "../../../../lib/wire/messages/fields.ts";
import { Redis } from "../../../support/redis.ts";

// What the servers of a room remember of devices together, over a real Redis.

const DAY = 24 * 60 * 60_000;
const ROUNDS = 200;
const [ann, eve] = ["ann@gmail.com", "eve@gmail.com"];

let redis: Redis;
let opened: DisposableStack;
let values: SharedValues;
let one: RedisDeviceList;
let two: RedisDeviceList;
let warnings: string[];
beforeAll(async () => {
	redis = await Redis.start();
	opened = new DisposableStack();
});
afterAll(async () => {
	opened.dispose();
	await redis[Symbol.asyncDispose]();
});
beforeEach(async () => {
	await redis.cli("FLUSHALL");
	warnings = [];
	const key = generateKey();
	values = open(key);
	one = new RedisDeviceList({ values, days: 30, warn });
	two = new RedisDeviceList({ values: open(key), days: 30, warn });
});

const warn = (sentence: string) => void warnings.push(sentence);

function open(key: string): SharedValues {
	const address = parseRedisUrl(redis.url);
	if (!address) throw new Error(redis.url);
	return new SharedValues({
		redis: opened.use(new LazyRedisConnection(address)),
		readKey: () => key,
		warn,
	});
}

/** Accounts whose devices lie with ann's, or else apart from them. */
function accounts(count: number, areTogether: boolean): string[] {
	const found: string[] = [];
	for (let i = 0; found.length < count; i++) {
		const account = `n${i}@x.org`;
		const isTogether = partitionOf(values, account) === partitionOf(values, ann);
		if (isTogether === areTogether) found.push(account);
	}
	return found;
}

async function remember(devices: RedisDeviceList, account = ann): Promise<string> {
	const secret = (await devices.remember(account, "password"))?.secret;
	if (!secret) throw new Error("nothing was remembered");
	return secret;
}

/** Logs in as a server does; the next secret, or what the answer was. */
async function use(devices: RedisDeviceList, secret: string, account = ann): Promise<string> {
	const device = await devices.judge(account, secret);
	if (typeof device === "string") return device;
	const grant = await devices.renew(device, secret);
	return grant === "overtaken" ? grant : (grant.secret ?? "nothing new");
}

test("a device that one server remembers logs in at another, with a new secret each time", async () => {
	const secrets = [await remember(one)];
	for (let i = 0; i < 4; i++) secrets.push(await use(i % 2 ? one : two, secrets.at(-1) ?? ""));
	expect(new Set(secrets.filter(deviceField.is)).size).toBe(5);
	// Nor is it one of those whose devices lie beside hers.
	for (const other of [eve, ...accounts(1, true)]) {
		expect(await use(two, secrets.at(-1) ?? "", other)).toBe("unknown");
	}
	const [device] = await two.of(ann);
	expect(device).toMatchObject({ account: ann, method: "password" });
	// By the clock of Redis, which is this machine's.
	expect(Math.abs((device?.usedAt ?? 0) - Date.now())).toBeLessThan(60_000);
});

test("of two servers that are given a secret at one instant, one lets it in, and the device lives on", async () => {
	let secret = await remember(one);
	for (let i = 0; i < ROUNDS; i++) {
		const given = secret;
		const answers = await Promise.all([use(one, given), use(two, given)]);
		const next = answers.filter(deviceField.is);
		// What came so late that the other had finished is a login after it, as after a lost answer.
		expect(answers.filter((each) => !deviceField.is(each) && each !== "overtaken")).toEqual([]);
		expect(next.length).toBeGreaterThan(0);
		secret = next.at(-1) ?? "";
	}
	expect(await one.of(ann)).toHaveLength(1);
});

test("of two logins that were judged before either was renewed, one is let in, every time", async () => {
	let secret = await remember(one);
	for (let i = 0; i < ROUNDS; i++) {
		const judged = await Promise.all([one.judge(ann, secret), two.judge(ann, secret)]);
		const grants = await Promise.all(
			judged.map((device, at) => {
				if (typeof device === "string") throw new Error(device);
				return (at === i % 2 ? one : two).renew(device, secret);
			}),
		);
		expect(grants.filter((grant) => grant === "overtaken")).toHaveLength(1);
		secret =
			grants.flatMap((grant) => (grant === "overtaken" ? [] : (grant.secret ?? [])))[0] ?? "";
	}
});

test("other devices that change at the same moment make nobody wait or lose anything", async () => {
	let secrets = await Promise.all(Array.from({ length: 8 }, (_, i) => remember(i % 2 ? one : two)));
	for (let round = 0; round < 5; round++) {
		secrets = await Promise.all(secrets.map((secret, i) => use(i % 3 ? one : two, secret)));
		expect(secrets.filter(deviceField.is)).toHaveLength(8);
	}
	expect(await two.of(ann)).toHaveLength(8);
});

test("lost answers cost nothing, however many: the older stays good until a newer was used", async () => {
	const older = await remember(one);
	const given: string[] = [];
	for (let i = 0; i < 9; i++) given.push(await use(i % 2 ? one : two, older));
	const [other = "", newest = ""] = given.slice(-2);
	const next = await use(one, other);
	expect(deviceField.is(next)).toBe(true);
	expect(await use(two, newest)).toBe("reused");
	expect(await use(one, next)).toBe("unknown");
});

test("a secret that was superseded ends the device at every server, and no other", async () => {
	const secrets = [await remember(one)];
	for (let i = 0; i < 3; i++) secrets.push(await use(i % 2 ? one : two, secrets.at(-1) ?? ""));
	const [another, hers] = [await remember(two), await remember(one, eve)];
	expect(await use(two, secrets[1] ?? "")).toBe("reused");
	for (const secret of secrets) expect(await use(one, secret)).toBe("unknown");
	expect(await use(one, another)).toSatisfy(deviceField.is);
	expect(await use(two, hers, eve)).toSatisfy(deviceField.is);
});

test("whoever signs out at one server is forgotten at all, in the middle of a login too", async () => {
	const secret = await remember(one);
	await remember(two);
	const judged = await two.judge(ann, secret);
	expect(await one.forget(await one.of(ann))).toBe(true);
	if (typeof judged === "string") throw new Error(judged);
	expect(await two.renew(judged, secret)).toEqual({ id: judged.id, secret: undefined });
	expect([await one.of(ann), await two.of(ann)]).toEqual([[], []]);
	expect(await redis.cli("DBSIZE")).toBe("0");
});

test("an account's device that was used longest ago makes room", async () => {
	const secrets: string[] = [];
	for (let i = 0; i < MAX_DEVICES_PER_ACCOUNT; i++) secrets.push(await remember(i % 2 ? one : two));
	const used = await use(two, secrets[0] ?? "");
	await remember(one);
	expect(await use(one, secrets[1] ?? "")).toBe("unknown");
	expect(await use(two, used)).toSatisfy(deviceField.is);
	expect(await one.of(ann)).toHaveLength(MAX_DEVICES_PER_ACCOUNT);
});

test("what is remembered is bounded, and nobody's device is forgotten for a newcomer's", async () => {
	const secret = await remember(one);
	const others = accounts(MAX_DEVICES_PER_PARTITION, true);
	const last = others.pop() ?? "";
	for (const account of others) await remember(two, account);
	expect(await one.remember(last, "code")).toBeUndefined();
	expect(warnings).toEqual(["A device is not remembered, because too many are already."]);
	expect(await use(two, secret)).toSatisfy(deviceField.is);
	// One that goes makes room.
	await two.forget(await two.of(others[0] ?? ""));
	await remember(one, last);
	expect(await redis.cli("DBSIZE")).toBe("1");
});

test.each([
	[29, "is good"],
	[31, "is forgotten"],
	[-31, "is forgotten"],
])("a device whose last use was %d days ago, by Redis' clock, %s", async (days, what) => {
	const name = partitionOf(values, ann);
	const secret = await remember(one);
	expect(Number(await redis.cli("PTTL", name))).toBeWithin(30 * DAY - 60_000, 30 * DAY + 1);
	const stored = await values.read<Device[]>(name);
	const aged = stored.value?.map((it) => ({ ...it, usedAt: it.usedAt - days * DAY }));
	expect(await values.replace(name, stored, aged, 30 * DAY)).toBe(true);
	expect(deviceField.is(await use(two, secret))).toBe(what === "is good");
	expect(await one.of(ann)).toHaveLength(what === "is good" ? 1 : 0);
});

test.each([
	["is garbled", "SET", "nonsense"],
	["was moved there from elsewhere", "COPY", ""],
])("a value that %s counts as deleted, and is said once it is met", async (_, how, text) => {
	const secret = await remember(one);
	const [apart = ""] = accounts(1, false);
	await remember(one, apart);
	const [name, other] = [partitionOf(values, ann), partitionOf(values, apart)];
	await redis.cli(...(how === "SET" ? ["SET", name, text] : ["COPY", other, name, "REPLACE"]));
	expect(await use(two, secret)).toBe("unknown");
	expect(warnings).toEqual([
		"A value in Redis about bans or devices is damaged, and counts as deleted.",
	]);
	expect(await use(two, await remember(two))).toSatisfy(deviceField.is);
});
