import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Authenticator } from "../../../../lib/server/auth/authenticator.ts";
import { BanList } from "../../../../lib/server/auth/ban-list.ts";
import { GmailVerifier } from "../../../../lib/server/auth/gmail-verifier.ts";
import { DeviceList } from "../../../../lib/server/devices/device-list.ts";
import { LOGIN_METHODS } from "../../../../lib/wire/messages/login-methods.ts";
import type { Login } from "../../../../lib/wire/messages/messages.ts";
import { DEFAULTS } from "../../../support/defaults.ts";

// What logins with a device cost those who guess, and what they cost nobody else. Nobody listens where
// passwords are checked: a login that answers `gmail_unreachable` was not kept from asking.

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "fernet-chat-devices-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const WRONG = "0".repeat(96);
const SECRET = /^[0-9a-f]{96}$/;
const HOME = "192.0.2.1";

function open() {
	const warn = (sentence: string): void => {
		throw new Error(sentence);
	};
	let now = 0;
	const devices = new DeviceList({
		folder: join(folder, "state"),
		days: 30,
		wallNow: () => 1,
		warn,
	});
	const authenticator = new Authenticator({
		verifier: new GmailVerifier({ host: "127.0.0.1", port: 1, secure: false }, DEFAULTS),
		...{ allow: null, methods: LOGIN_METHODS, mailer: null, devices, limits: DEFAULTS },
		...{ bans: new BanList("/nonexistent", warn), owners: new Set<string>(), now: () => now },
	});
	const { signal } = new AbortController();
	return {
		devices,
		pass: (milliseconds: number) => {
			now += milliseconds;
		},
		logIn: async (ip: string, proof: object, email = "ann@gmail.com") => {
			const login = { type: "login", name: "x", email, ...proof } as Login;
			const result = await authenticator.authenticate(login, ip, signal);
			if (!result.accepted) return result.code;
			return (await result.grantDevice?.())?.secret ?? "accepted";
		},
	};
}

async function remembered({ devices }: ReturnType<typeof open>, account = "ann@gmail.com") {
	return (await devices.remember(account, "password"))?.secret ?? "";
}

test("guesses are answered alike, whether the account has a device or not, and however many", async () => {
	const server = open();
	const device = await remembered(server);
	for (const email of ["ann@gmail.com", "nobody@gmail.com"]) {
		// Nor does it help to know an account that has one, or to have a device of another account.
		const guesses = email === "ann@gmail.com" ? [WRONG] : [WRONG, device];
		for (let i = 0; i <= DEFAULTS.addressLogins; i++) {
			const guess = guesses[i % guesses.length];
			expect(await server.logIn("203.0.113.1", { device: guess }, email)).toBe("device_unknown");
		}
	}
});

/** The /64s of two /48s. */
const subnet = (i: number): string => `2001:db8:${i >> 16}:${(i & 0xffff).toString(16)}::1`;
const invented = (i: number): string => `n${i}@gmail.com`;
const FLOODS: [
	count: number,
	what: string,
	ipOf: (i: number) => string,
	emailOf: (i: number) => string,
][] = [
	// More than a limiter counts.
	[101_000, "for as many accounts, from as many networks", subnet, invented],
	[100, "for as many accounts, from one address", () => "203.0.113.1", invented],
	[100, "for one account, from as many networks", subnet, () => "ann@gmail.com"],
];
test.each(FLOODS)("%i guesses %s keep no device out", async (count, _, ipOf, emailOf) => {
	const server = open();
	const [ann, bob] = [await remembered(server), await remembered(server, "bob@gmail.com")];
	const next = await server.logIn(HOME, { device: ann });
	const answers = new Set<string>();
	for (let i = 0; i < count; i++) {
		answers.add(await server.logIn(ipOf(i), { device: WRONG }, emailOf(i)));
	}
	expect([...answers]).toEqual(["device_unknown"]);
	const { logIn } = server;
	expect(await logIn("198.51.100.1", { device: next })).toMatch(SECRET);
	expect(await logIn(ipOf(0), { device: bob }, "bob@gmail.com")).toMatch(SECRET);
	expect(await logIn("198.51.100.3", { password: "x" })).toBe("gmail_unreachable");
});

test("a device logs in as often in a minute as a password may, and its account's others with it", async () => {
	const server = open();
	let [device, other] = [await remembered(server), await remembered(server)];
	// From here on they are at home there.
	other = await server.logIn(HOME, { device: other });
	for (let i = 0; i < DEFAULTS.accountLogins; i++) device = await server.logIn(HOME, { device });
	expect(device).toMatch(SECRET);
	expect(await server.logIn(HOME, { device })).toBe("too_many_logins");
	expect(await server.logIn(HOME, { device: other })).toBe("too_many_logins");
	server.pass(60_000);
	for (const each of [device, other])
		expect(await server.logIn(HOME, { device: each })).toMatch(SECRET);
});
