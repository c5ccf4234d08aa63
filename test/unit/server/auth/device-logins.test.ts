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
			const grant = await result.grantDevice?.();
			return grant && "secret" in grant ? grant.secret : "accepted";
		},
	};
}

async function remembered({ devices }: ReturnType<typeof open>, account = "ann@gmail.com") {
	return (await devices.remember(account, "password"))?.secret ?? "";
}

test("a guesser gets as many tries a minute as with passwords, whether the account has a device or not", async () => {
	const server = open();
	await remembered(server);
	for (const email of ["ann@gmail.com", "nobody@gmail.com"]) {
		const answers = [1, 2, 3, 4].map((i) =>
			server.logIn(`198.51.100.${i}`, { device: WRONG }, email),
		);
		const codes = [...Array(3).fill("device_unknown"), "too_many_logins"];
		expect(await Promise.all(answers)).toEqual(codes);
	}
	for (let i = 0; i < DEFAULTS.addressLogins; i++) {
		expect(await server.logIn("203.0.113.1", { device: WRONG }, `n${i}@gmail.com`)).toBe(
			"device_unknown",
		);
	}
	expect(await server.logIn("203.0.113.1", { device: WRONG }, "n@gmail.com")).toBe(
		"too_many_logins",
	);
	server.pass(60_000);
	expect(await server.logIn("203.0.113.1", { device: WRONG })).toBe("device_unknown");
});

test("guesses keep neither a device out, where it was before, nor a password", async () => {
	const server = open();
	const next = await server.logIn(HOME, { device: await remembered(server) });
	server.pass(60_000);
	for (let i = 0; i < 5; i++) await server.logIn("198.51.100.1", { device: WRONG });
	expect(await server.logIn("198.51.100.2", { device: WRONG })).toBe("too_many_logins");
	expect(await server.logIn(HOME, { device: next })).toMatch(/^[0-9a-f]{96}$/);
	expect(await server.logIn("198.51.100.3", { password: "x" })).toBe("gmail_unreachable");
});
