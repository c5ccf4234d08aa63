import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SMTPServer } from "smtp-server";
import { AllowList } from "../../../../lib/server/auth/allow-list.ts";
import { Authenticator } from "../../../../lib/server/auth/authenticator.ts";
import { BanList } from "../../../../lib/server/auth/ban-list.ts";
import { GmailVerifier } from "../../../../lib/server/auth/gmail-verifier.ts";
import { DeviceList } from "../../../../lib/server/devices/device-list.ts";
import { LOGIN_METHODS } from "../../../../lib/wire/messages/login-methods.ts";
import type { Login } from "../../../../lib/wire/messages/messages.ts";
import { DEFAULTS } from "../../../support/defaults.ts";
import { eventually } from "../../../support/eventually.ts";
import { listen } from "../../../support/listen.ts";

// Ten networks fill the queue with logins that let nobody in, for whatever reason: eighteen others, all
// from one network, get in all the same.

const RIGHT = "abcdefghijklmnop";
const CHECKS = 4;
/** Milliseconds that the mail server takes for one login. */
const CHECK = 20;

/** What the mail server answers to any other password; null accepts it. */
let refusal: Error | null = null;
/** Sends one more login for each that the mail server begins: the queue stays full. */
let refill = (): void => {};
const mailServer = new SMTPServer({
	disabledCommands: ["STARTTLS"],
	authMethods: ["PLAIN"],
	onAuth({ username = "", password }, _session, answer) {
		refill();
		const isRight = password === RIGHT || refusal === null;
		setTimeout(() => (isRight ? answer(null, { user: username }) : answer(refusal)), CHECK);
	},
});
mailServer.on("error", () => {});
let port: number;
let folder: string;
beforeAll(async () => {
	port = await listen(mailServer.server);
	folder = mkdtempSync(join(tmpdir(), "fernet-chat-suspects-"));
});
afterAll(async () => {
	rmSync(folder, { recursive: true });
	await new Promise<void>((resolve) => mailServer.close(resolve));
});

function createAuthenticator(gmailChecks = CHECKS) {
	const limits = { ...DEFAULTS, gmailChecks, accountLogins: 1000, addressLogins: 1000 };
	const authenticator = new Authenticator({
		verifier: new GmailVerifier({ host: "127.0.0.1", port, secure: false }, limits),
		devices: new DeviceList({ folder, days: 30, wallNow: () => 1, warn: () => {} }),
		allow: new AllowList(["@gmail.com"]),
		bans: new BanList("/nonexistent", () => {}),
		...{ owners: new Set<string>(), methods: LOGIN_METHODS, mailer: null, limits, now: () => 0 },
	});
	const { signal } = new AbortController();
	return async (email: string, proof: string | object, ip: string) => {
		const fields = typeof proof === "string" ? { password: proof } : proof;
		const login = { type: "login", name: "x", email, ...fields } as Login;
		const result = await authenticator.authenticate(login, ip, signal);
		return result.accepted ? "accepted" : result.code;
	};
}

const refused = (responseCode: number, text: string): Error =>
	Object.assign(new Error(text), { responseCode });

const ATTACKERS = 10;
const FLOODS: [how: string, code: string, refusal: Error | null, domain: string][] = [
	["wrong", "wrong_password", refused(535, "5.7.8 Not accepted"), "gmail.com"],
	[
		"right, where Gmail wants an app password",
		"app_password_needed",
		refused(534, "5.7.9 Application-specific password required"),
		"gmail.com",
	],
	[
		"right, where Gmail wants a browser",
		"browser_needed",
		refused(534, "5.7.14 Please log in via your web browser"),
		"gmail.com",
	],
	["malformed", "gmail_unreachable", refused(501, "5.5.2 Cannot decode"), "gmail.com"],
	["too many", "gmail_too_many_logins", refused(454, "4.7.0 Too many login attempts"), "gmail.com"],
	["right, and not on the guest list", "not_allowed", null, "evil.example"],
	["wrong, for accounts at home", "wrong_password", refused(535, "5.7.8 Not accepted"), "home"],
];
test.each(FLOODS)("logins that are %s", async (_, code, answer, domain) => {
	const logIn = createAuthenticator();
	const isAtHome = domain === "home";
	const ipOf = (i: number): string => `192.0.2.${i % ATTACKERS}`;
	const emailOf = (i: number): string =>
		isAtHome ? `eve${i % ATTACKERS}@gmail.com` : `eve${i}@${domain}`;
	if (isAtHome) for (let i = 0; i < ATTACKERS; i++) await logIn(emailOf(i), RIGHT, ipOf(i));
	refusal = answer;
	let sent = 0;
	const answered = new Map<string, Set<string>>();
	const attack = async (): Promise<void> => {
		const i = sent++;
		const answer = await logIn(emailOf(i), "wrong", ipOf(i));
		answered.set(answer, (answered.get(answer) ?? new Set()).add(ipOf(i)));
	};
	refill = () => void attack();
	for (let i = 0; i < 20 * CHECKS; i++) void attack();
	await eventually("an answer for each", () => answered.get(code)?.size === ATTACKERS);
	const names = Array.from({ length: 18 }, (_, i) => `n${i}@gmail.com`);
	const results = await Promise.all(names.map((email) => logIn(email, RIGHT, "198.51.100.1")));
	refill = () => {};
	expect(results).toEqual(Array(18).fill("accepted"));
	// The attack was what it claims to be.
	expect([...answered.keys()].toSorted()).toEqual(["busy", code].toSorted());
});

/** The mail server hangs up, once. */
const hangUp = (): void => {
	refill = () => {};
	for (const connection of mailServer.connections) connection.close();
};
const HARMLESS: [what: string, proof: string | object, code: string][] = [
	["a mail server that hangs up", "unseen", "gmail_unreachable"],
	["a guess at what a device remembers", { device: "0".repeat(96) }, "device_unknown"],
	["a wrong code", { ticket: "0".repeat(32), code: "123456" }, "code_expired"],
];
test.each(HARMLESS)("%s makes nobody a suspect", async (_, proof, code) => {
	const logIn = createAuthenticator(1);
	refusal = refused(535, "5.7.8 Not accepted");
	refill = proof === "unseen" ? hangUp : () => {};
	expect(await logIn("ann@gmail.com", proof, "192.0.2.1")).toBe(code);
	expect(await logIn("eve@gmail.com", "wrong", "192.0.2.2")).toBe("wrong_password");
	const order: string[] = [];
	const logins = [
		["first", "192.0.2.3"],
		["eve", "192.0.2.2"],
		["ann", "192.0.2.1"],
	].map(async ([name = "", ip = ""]) => {
		await logIn(`${name}@gmail.com`, RIGHT, ip);
		order.push(name);
	});
	await Promise.all(logins);
	expect(order).toEqual(["first", "ann", "eve"]);
});
