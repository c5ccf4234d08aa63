import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
	chmodSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	statSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MAX_DEVICES } from "../../../../lib/server/devices/device-file.ts";
import { DeviceList, MAX_DEVICES_PER_ACCOUNT } from "../../../../lib/server/devices/device-list.ts";
import { deviceField } from "../../../../lib/wire/messages/fields.ts";
import { SmallDisk } from "../../../support/small-disk.ts";

// What the server remembers of devices, in a real file, and what it makes of each secret.

const DAY = 24 * 60 * 60_000;
const [ann, eve] = ["ann@gmail.com", "eve@gmail.com"];

let root: string;
let folder: string;
let file: string;
let warnings: string[];
let wall: number;
beforeEach(() => {
	root = mkdtempSync(join(tmpdir(), "fernet-chat-devices-"));
	folder = join(root, "state");
	file = join(folder, "devices");
	warnings = [];
	wall = 1_795_392_000_000;
});
afterEach(() => rmSync(root, { recursive: true }));

const open = (where = folder): DeviceList =>
	new DeviceList({
		...{ folder: where, days: 30, wallNow: () => wall },
		warn: (sentence) => warnings.push(sentence),
	});

async function remember(devices: DeviceList, account = ann): Promise<string> {
	const secret = (await devices.remember(account, "password"))?.secret;
	if (!secret) throw new Error("nothing was remembered");
	return secret;
}

/** Logs in as the server does; the next secret, or what the answer was. */
async function use(devices: DeviceList, secret: string, account = ann): Promise<string> {
	const device = devices.judge(account, secret);
	if (typeof device === "string") return device;
	return (await devices.renew(device, secret)).secret ?? "nothing new";
}

test("a secret changes at every use, across restarts, and the file is private and opens nothing", async () => {
	const secrets = [await remember(open())];
	for (let i = 0; i < 3; i++) secrets.push(await use(open(), secrets.at(-1) ?? ""));
	expect(new Set(secrets).size).toBe(4);
	for (const secret of secrets) expect(deviceField.is(secret)).toBe(true);
	const text = readFileSync(file, "utf8");
	for (const secret of secrets) {
		for (const part of [secret, secret.slice(0, 32), secret.slice(32)]) {
			expect(text).not.toContain(part);
		}
	}
	expect(statSync(file).mode & 0o777).toBe(0o600);
	expect(warnings).toEqual([]);
});

test("lost answers cost nothing, however many: the older stays good until a newer was used", async () => {
	const devices = open();
	const older = await remember(devices);
	const given: string[] = [];
	for (let i = 0; i < 9; i++) given.push(await use(open(), older));
	// Two clients that share a file raced: whichever they wrote last is good.
	const [other = "", newest = ""] = given.slice(-2);
	const next = await use(devices, other);
	expect(deviceField.is(next)).toBe(true);
	expect(await use(devices, newest)).toBe("reused");
	expect(await use(devices, next)).toBe("unknown");
});

describe.each([
	["the one before", 1],
	["one long gone", 3],
	["the very first", 5],
])("a secret that was superseded: %s", (_, age) => {
	test("ends the device for both, and no other", async () => {
		const devices = open();
		const secrets = [await remember(devices)];
		for (let i = 0; i < 6; i++) secrets.push(await use(devices, secrets.at(-1) ?? ""));
		const [another, hers] = [await remember(devices), await remember(devices, eve)];
		// The newest but one was used last; what is older than that was superseded.
		expect(await use(devices, secrets.at(-2 - age) ?? "")).toBe("reused");
		for (const secret of secrets) expect(await use(devices, secret)).toBe("unknown");
		for (const [secret, account] of [
			[another, ann],
			[hers, eve],
		] as const) {
			expect(deviceField.is(await use(open(), secret, account))).toBe(true);
		}
	});
});

test("the same id with another secret is what a copy would have; another id is nobody's", async () => {
	const devices = open();
	const secret = await remember(devices);
	const elsewhere = secret.replace(/^./, (digit) => (digit === "0" ? "1" : "0"));
	expect(await use(devices, elsewhere)).toBe("unknown");
	expect(await use(devices, secret, eve)).toBe("unknown");
	expect(devices.of(ann)).toHaveLength(1);
	expect(await use(devices, secret.slice(0, 32) + "0".repeat(64))).toBe("reused");
});

test("logins that overlap: one whose secret a newer one supersedes meanwhile is given nothing", async () => {
	const devices = open();
	const older = await remember(devices);
	const newer = await use(devices, older);
	const [first, second] = [devices.judge(ann, older), devices.judge(ann, newer)];
	if (typeof first === "string" || typeof second === "string") throw new Error("both are good");
	const newest = (await devices.renew(second, newer)).secret ?? "";
	expect((await devices.renew(first, older)).secret).toBeUndefined();
	expect(deviceField.is(await use(devices, newest))).toBe(true);
});

test.each([
	["30 days after its last use, and not after it was made", 29, 2, 31],
	["though the clock was set back far", 0, 0, -400],
	["though the clock was set forward far", 0, 0, 400],
])("a device is forgotten %s", async (_, step, uses, end) => {
	const devices = open();
	let secret = await remember(devices);
	for (let i = 0; i < uses; i++) {
		wall += step * DAY;
		secret = await use(devices, secret);
	}
	wall += 29 * DAY;
	expect(devices.of(ann)).toHaveLength(1);
	// A clock that is a little behind its last use forgets nobody.
	wall -= 58 * DAY;
	expect(devices.of(ann)).toHaveLength(1);
	wall += (29 + end) * DAY;
	expect(await use(devices, secret)).toBe("unknown");
	expect(devices.of(ann)).toEqual([]);
	await remember(devices, eve);
	expect(readFileSync(file, "utf8")).not.toContain(ann);
});

test("an account's device that was used longest ago makes room, whatever the clock says", async () => {
	const devices = open();
	const secrets: string[] = [];
	for (let i = 0; i < MAX_DEVICES_PER_ACCOUNT; i++) {
		wall -= 60_000;
		secrets.push(await remember(devices));
	}
	const [first = "", second = "", third = ""] = secrets;
	const used = await use(devices, first);
	await remember(devices);
	expect(await use(devices, second)).toBe("unknown");
	expect(deviceField.is(await use(devices, used))).toBe(true);
	expect(deviceField.is(await use(devices, third))).toBe(true);
	expect(devices.of(ann)).toHaveLength(MAX_DEVICES_PER_ACCOUNT);
});

test("when all are taken, nobody's is forgotten for a newcomer's", async () => {
	mkdirSync(folder, { mode: 0o700 });
	const hash = (i: number): string => String(i).padStart(43, "_");
	const rows = Array.from({ length: MAX_DEVICES - 1 }, (_, i) => {
		const times = { madeAt: wall, usedAt: wall };
		const device = { id: hash(i), account: `n${i}@gmail.com`, method: "code", secrets: [hash(i)] };
		return `${JSON.stringify({ ...device, ...times })}\n`;
	});
	writeFileSync(file, rows.join(""), { mode: 0o600 });
	const devices = open();
	const secret = await remember(devices);
	const warning = "10,000 devices are remembered, so no more are.";
	const isFull = async (): Promise<void> => {
		for (const account of [eve, "n@school.example", eve]) {
			expect(await devices.remember(account, "password")).toBeUndefined();
		}
	};
	await isFull();
	expect(warnings).toEqual([warning]);
	expect(deviceField.is(await use(devices, secret))).toBe(true);
	expect(devices.of("n0@gmail.com")).toHaveLength(1);
	await devices.forget(devices.of("n0@gmail.com"));
	await remember(devices, eve);
	// It is said again only when there was room meanwhile.
	await isFull();
	expect(warnings).toEqual([warning, warning]);
});

test("servers that share the folder, and an operator who deletes a line, are heard", async () => {
	const [one, other] = [open(), open()];
	const [mine, hers] = [await remember(one), await remember(other, eve)];
	const next = await use(other, mine);
	expect(await use(one, mine)).toSatisfy(deviceField.is);
	expect(await use(one, next)).toSatisfy(deviceField.is);
	const kept = readFileSync(file, "utf8").replace(/^.*ann@.*\n/m, "");
	writeFileSync(file, kept);
	expect([one.of(ann), other.of(ann)]).toEqual([[], []]);
	expect(await use(other, hers, eve)).toSatisfy(deviceField.is);
	expect(await one.forget(one.of(eve))).toBe(true);
	expect(other.of(eve)).toEqual([]);
});

test.skipIf(!SmallDisk.canBeMounted)("a full disk shuts out no device", async () => {
	using disk = new SmallDisk(64 * 1024);
	const state = join(disk.path, "state");
	const devices = open(state);
	const secret = await use(devices, await remember(devices));
	const ballast = join(disk.path, "ballast");
	try {
		writeFileSync(ballast, Buffer.alloc(64 * 1024));
	} catch {}
	for (let i = 0; i < 3; i++) expect(await use(devices, secret)).toBe("nothing new");
	expect(await devices.remember(ann, "code")).toBeUndefined();
	expect(devices.of(ann)).toHaveLength(1);
	expect(warnings.at(-1)).toMatch(/^Cannot save the list of remembered devices .*ENOSPC/);
	// Nor does a restart after that: the file is as it was.
	expect(await use(open(state), secret)).toBe("nothing new");
	rmSync(ballast);
	const next = await use(open(state), secret);
	expect(await use(devices, next)).toSatisfy(deviceField.is);
});

test.each([
	["that others can read", () => chmodSync(file, 0o644), /chmod 600/],
	["that is a folder", () => rmSync(file) ?? mkdirSync(file), /not a regular file/],
])("a file %s is refused", async (_, spoil, fault) => {
	await remember(open());
	spoil();
	expect(() => open()).toThrow(fault);
});

test.each(["", "{}", '{"id":"x"}', "ann@gmail.com", "\ufffd"])(
	"a line %j in the file costs the others nothing, and stays",
	async (line) => {
		const secret = await remember(open());
		writeFileSync(file, `${line}\n${readFileSync(file, "utf8")}`);
		const devices = open();
		const next = await use(devices, secret);
		expect(await use(open(), next)).toSatisfy(deviceField.is);
		expect(readFileSync(file, "utf8").startsWith(line)).toBe(true);
		expect(warnings.length > 0).toBe(line !== "");
	},
);
