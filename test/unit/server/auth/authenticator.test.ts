import { expect, test } from "bun:test";
import type { Socket } from "node:net";
import { BanList } from "../../../../lib/server/accounts/ban-list.ts";
import { Authenticator } from "../../../../lib/server/auth/authenticator.ts";
import { GmailVerifier } from "../../../../lib/server/auth/gmail-verifier.ts";
import type { CodeMailer } from "../../../../lib/server/mail/code-mailer.ts";
import { LOGIN_METHODS } from "../../../../lib/wire/messages/login-methods.ts";
import type { Login } from "../../../../lib/wire/messages/messages.ts";
import { DEFAULTS } from "../../../support/defaults.ts";
import { eventually } from "../../../support/eventually.ts";
import { ANN, mailing } from "../mail/mailing.ts";

const MINUTE = 60_000;
const RIGHT = { accepted: true } as const;

function authenticatorWith(mailer: CodeMailer | null, now = () => 0, codes = DEFAULTS.codes) {
	return new Authenticator({
		verifier: new GmailVerifier({ host: "127.0.0.1", port: 1, secure: false }, DEFAULTS),
		...{
			allow: null,
			methods: LOGIN_METHODS,
			mailer,
			devices: null,
			limits: { ...DEFAULTS, codes },
			now,
		},
		...{ bans: new BanList("/nonexistent", () => {}), owners: new Set<string>() },
	});
}

test("codes for invented accounts, from invented networks, let nobody forget ann's", async () => {
	const authenticator = authenticatorWith(null, undefined, 20_000);
	const ask = (email: string, ip: string) => authenticator.requestCode(email, ip);
	for (let i = 0; i < 5; i++) expect((await ask(ANN, "192.0.2.7")).accepted).toBe(true);
	expect(await ask(ANN, "192.0.2.8")).toMatchObject({ code: "too_many_codes" });
	for (let i = 0; i < 10_010; i++) {
		const { accepted } = await ask(`n${i}@gmail.com`, `2001:db8:${i.toString(16)}::1`);
		expect(accepted).toBe(true);
	}
	expect(await ask("a.n.n@gmail.com", "192.0.2.8")).toMatchObject({ code: "too_many_codes" });
});

/** A mail server that takes mails only once it is told to. */
async function patientMailing() {
	const { promise: told, resolve: go } = Promise.withResolvers<void>();
	const auth = (socket: Socket) => void told.then(() => socket.write("235 2.7.0 Accepted\r\n"));
	const setup = await mailing({ auth });
	const mailed = () => setup.mailbox.clear.match(/^RCPT TO:<\S+@/gm) ?? [];
	return { ...setup, go, mailed };
}

test.each([
	["75 in a burst from two addresses", 75, (i: number) => `192.0.2.${i % 2}`],
	["75 from as many", 75, (i: number) => `192.0.2.${i}`],
	["as many as may wait from one /48, of an hour's", 75, (i: number) => `2001:db8:1:${i}::1`],
	["as many as may wait from a few", 4 + 78, (i: number) => `2001:db8:${i >> 1}:${i}::1`],
])("what is answered with a ticket is mailed: %s", async (_, count, ipOf) => {
	await using setup = await patientMailing();
	const authenticator = authenticatorWith(setup.mailer);
	for (let i = 0; i < count; i++) {
		expect((await authenticator.requestCode(`n${i}@gmail.com`, ipOf(i))).accepted).toBe(true);
	}
	setup.go();
	await eventually("every mail", () => setup.mailed().length >= count);
	const accounts = Array.from({ length: count }, (_, i) => `RCPT TO:<n${i}@`);
	expect(new Set(setup.mailed())).toEqual(new Set(accounts));
	expect(setup.warnings).toEqual([]);
});

test("what cannot be mailed is refused, and only a network that has no mail waiting is not", async () => {
	await using setup = await patientMailing();
	const authenticator = authenticatorWith(setup.mailer, undefined, 20_000);
	let asked = 0;
	const ask = (ip: string) => authenticator.requestCode(`n${asked++}@gmail.com`, ip);
	const flood = (i: number) => ask(`2001:db8:1:${i.toString(16)}::1`);
	const results = await Promise.all(Array.from({ length: 300 }, (_, i) => flood(i)));
	expect(results.filter(({ accepted }) => accepted)).toHaveLength(4 + 78);
	expect(results.at(-1)).toMatchObject({ accepted: false, code: "busy" });
	const tickets = await Promise.all(["192.0.2.1", "2001:db8:2::1", "192.0.2.2"].map(ask));
	expect(tickets.map(({ accepted }) => accepted)).toEqual([true, true, true]);
	expect(await ask("192.0.2.1")).toMatchObject({ code: "busy" });
	setup.go();
	await eventually("every mail", () => setup.mailed().length >= 82 + 3);
	// They were served in turn, so the three did not wait for the flood.
	const last = setup.mailed().slice(20);
	for (const n of [300, 301, 302]) expect(last).not.toContain(`RCPT TO:<n${n}@`);
});

/** More than a limiter counts. */
const COUNTLESS: [what: string, ipOf: (i: number) => string][] = [
	["/64s of two /48s", (i) => `2001:db8:${i >> 16}:${(i & 0xffff).toString(16)}::1`],
	[
		"/48s and IPv4 addresses",
		(i) =>
			i % 2 ? `2001:1:${(i >> 1).toString(16)}::1` : `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`,
	],
];
test.each(COUNTLESS)("wrong codes from 101,000 %s let nobody wait", async (_, ipOf) => {
	await using setup = await mailing({});
	const authenticator = authenticatorWith(setup.mailer);
	const { signal } = new AbortController();
	const logIn = async (email: string, ip: string, credential: object) => {
		const login = { type: "login" as const, name: "x", email, ...credential };
		const result = await authenticator.authenticate(login as Login, ip, signal);
		return result.accepted ? "accepted" : result.code;
	};
	const asked = await authenticator.requestCode(ANN, "192.0.2.7");
	const ticket = asked.accepted ? asked.ticket : "";
	const invented = { ticket: "0".repeat(32), code: "123456" };
	const codes = new Set<string>();
	for (let i = 0; i < 101_000; i++) codes.add(await logIn("eve@gmail.com", ipOf(i), invented));
	expect([...codes]).toEqual(["code_expired"]);
	const code = await eventually("the mail", () => {
		return /fernet-chat code is (\d{6})/.exec(setup.mailbox.clear)?.[1];
	});
	expect(await logIn(ANN, "192.0.2.7", { ticket, code })).toBe("accepted");
	// Nobody listens where passwords are checked; but it was tried.
	for (const ip of ["192.0.2.7", "198.51.100.1", "2001:db8:ffff::1"]) {
		expect(await logIn(ANN, ip, { password: "x" })).toBe("gmail_unreachable");
	}
});

const FEW: [who: string, ipOf: (i: number) => string][] = [
	["three addresses", (i) => `192.0.2.${i % 3}`],
	["thirty addresses", (i) => `192.0.2.${i % 30}`],
	["one /48", (i) => `2001:db8:1:${i.toString(16)}::1`],
	["thirty /48s", (i) => `2001:db8:${i % 30}:${i}::1`],
];
test.each(FEW)("the codes that strangers share are not used up by %s", async (_, ipOf) => {
	let now = 0;
	const authenticator = authenticatorWith(null, () => now);
	let asked = 0;
	const ask = (ip: string) => authenticator.requestCode(`n${asked++}@gmail.com`, ip);
	for (let i = 0; i < 1000; i++, now += 1000) await ask(ipOf(i));
	expect(await ask(ipOf(0))).toMatchObject({ code: "too_many_codes" });
	const others = await Promise.all(["198.51.100.1", "2001:db8:ffff::1", "203.0.113.1"].map(ask));
	expect(others.map(({ accepted }) => accepted)).toEqual([true, true, true]);
	// A mail may be lost, so each gets another.
	expect((await ask("198.51.100.1")).accepted).toBe(true);
	expect(await ask("198.51.100.1")).toMatchObject({ code: "too_many_codes" });
	now += 60 * MINUTE;
	for (let i = 0; i < 60; i++) expect((await ask("198.51.100.1")).accepted).toBe(true);
});

test("strangers cannot use up all codes: some are left for accounts where they were proved", async () => {
	await using setup = await mailing({});
	const authenticator = authenticatorWith(setup.mailer);
	const first = await authenticator.requestCode(ANN, "192.0.2.7");
	const codes = () => [...setup.mailbox.clear.matchAll(/fernet-chat code is (\d{6})/g)];
	await eventually("the mail", () => codes().length === 1);
	const ticket = first.accepted ? first.ticket : "";
	const login = { type: "login" as const, name: "ann", email: ANN, ticket };
	const code = codes()[0]?.[1] ?? "";
	const { signal } = new AbortController();
	const result = await authenticator.authenticate({ ...login, code }, "192.0.2.7", signal);
	expect(result).toEqual({ accepted: true, account: ANN });
	const strangers = await Promise.all(
		Array.from({ length: 200 }, (_, i) =>
			authenticator.requestCode(i < 10 ? ANN : `n${i}@gmail.com`, `198.51.100.${i}`),
		),
	);
	expect(strangers.filter(({ accepted }) => accepted)).toHaveLength(150 - 1);
	const askAsAnn = (ip: string) => authenticator.requestCode(ANN, ip);
	expect(await askAsAnn("198.51.100.9")).toMatchObject({ code: "too_many_codes" });
	await eventually("their mails", () => codes().length === 150);
	for (let i = 0; i < 5; i++) {
		expect((await askAsAnn("192.0.2.7")).accepted).toBe(true);
	}
	expect(await askAsAnn("192.0.2.7")).toMatchObject({ code: "too_many_codes" });
	await eventually("the last mails", () => codes().length === 155);
});

test("an authenticator forgets a code that has been on its way for too long", async () => {
	await using setup = await mailing({});
	let now = 0;
	const authenticator = authenticatorWith(setup.mailer, () => now);
	const outcomes: unknown[] = [];
	for (const minutes of [9, 10]) {
		const mailed = await authenticator.requestCode(ANN, "127.0.0.1");
		const ticket = mailed.accepted ? mailed.ticket : "";
		const codes = () => [...setup.mailbox.clear.matchAll(/fernet-chat code is (\d{6})/g)];
		const many = outcomes.length + 1;
		await eventually("the mail", () => codes().length === many);
		const code = codes().at(-1)?.[1] ?? "";
		now += minutes * MINUTE;
		const login = { type: "login" as const, name: "ann", email: ANN, ticket, code };
		outcomes.push(
			await authenticator.authenticate(login, "127.0.0.1", new AbortController().signal),
		);
	}
	expect(outcomes).toMatchObject([RIGHT, { accepted: false, code: "code_expired" }]);
});
