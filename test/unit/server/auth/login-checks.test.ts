import { expect, test } from "bun:test";
import { GmailVerifier } from "../../../../lib/server/auth/gmail-verifier.ts";
import { LoginChecks } from "../../../../lib/server/auth/login-checks.ts";
import { ProvedNetworks } from "../../../../lib/server/auth/proved-networks.ts";
import { AccountAndNetworkLimiter, MINUTE } from "../../../../lib/server/limits/rate-limiter.ts";
import { DEFAULTS } from "../../../support/defaults.ts";
import { eventually } from "../../../support/eventually.ts";
import { ScriptedMailbox, SECRET, silence, WILLING } from "../../../support/scripted-mailbox.ts";

/** A mailbox that answers AUTH on demand, and the checks of a server that asks it. */
async function patientMailbox(gmailChecks: number, accountLogins = 1000) {
	const mailbox = await ScriptedMailbox.open({ ...WILLING, auth: silence });
	const { promise: answers, resolve: answer } = Promise.withResolvers<string>();
	mailbox.script.auth = (socket) => void answers.then((line) => socket.write(`${line}\r\n`));
	const limits = { ...DEFAULTS, gmailChecks };
	const where = { host: "127.0.0.1", port: mailbox.port, secure: false };
	const checks = new LoginChecks({
		verifier: new GmailVerifier(where, limits),
		limiter: new AccountAndNetworkLimiter(accountLogins, 1000, MINUTE),
		...{ limits, now: () => 0 },
	});
	const check = (name: string, signal = new AbortController().signal) => {
		const email = `${name}@gmail.com`;
		const credential = { method: "password", password: SECRET } as const;
		const origin = new ProvedNetworks().originOf(email, "127.0.0.1", 0);
		return checks.check({ email, account: email, credential, origin }, signal);
	};
	return {
		...{ mailbox, check, accept: () => answer("235 2.7.0 Accepted") },
		[Symbol.asyncDispose]: () => mailbox[Symbol.asyncDispose](),
	};
}

const ACCEPTED = { accepted: true } as const;

test("the logins checked at once are limited, and so are those that wait", async () => {
	await using patient = await patientMailbox(2);
	const { mailbox, check } = patient;
	// Eight more logins may wait for each one that is being checked.
	const checks = Array.from({ length: 18 }, () => check("ann"));
	expect(await check("ann")).toMatchObject({
		accepted: false,
		code: "busy",
		text: expect.stringMatching(/Try again/),
	});
	await eventually("two logins", () => mailbox.logins.length === 2);
	expect(mailbox.connections).toBe(2);
	patient.accept();
	expect(await Promise.all(checks)).toEqual(Array(18).fill(ACCEPTED));
	expect(mailbox.connections).toBe(18);
});

test("nobody is asked about somebody who has gone while waiting for a turn", async () => {
	await using patient = await patientMailbox(1);
	const { mailbox, check } = patient;
	const gone = new AbortController();
	const first = check("ann");
	const left = check("gone", gone.signal);
	const last = check("last");
	await eventually("the first login", () => mailbox.logins.length === 1);
	gone.abort();
	patient.accept();
	expect((await left).accepted).toBe(false);
	expect(await Promise.all([first, last])).toEqual([ACCEPTED, ACCEPTED]);
	expect(mailbox.logins.map(([email]) => email)).toEqual(["ann@gmail.com", "last@gmail.com"]);
});

test("an account is counted when its check begins: who has gone by then uses up nothing", async () => {
	await using patient = await patientMailbox(1, 2);
	const gone = new AbortController();
	const first = patient.check("ann");
	const left = [patient.check("ann", gone.signal), patient.check("ann", gone.signal)];
	const [second, third] = [patient.check("ann"), patient.check("ann")];
	gone.abort();
	patient.accept();
	for (const result of await Promise.all(left)) expect(result.accepted).toBe(false);
	expect(await Promise.all([first, second])).toEqual([ACCEPTED, ACCEPTED]);
	expect(await third).toMatchObject({ code: "too_many_logins" });
	expect(patient.mailbox.logins).toHaveLength(2);
	expect(await patient.check("ann")).toMatchObject({ code: "too_many_logins" });
	expect(await patient.check("bob")).toEqual(ACCEPTED);
});

test.each([
	["smtp.gmail.com", "boss+evil@corp.example", "password"],
	["smtp.gmail.com", "Boss+1@Corp.example", "token"],
	["SMTP.googlemail.com", "b..oss@corp.example", "password"],
	["smtp.gmail.com.", "boss.@corp.example", "token"],
] as const)(
	"%s is not asked about %s, which none of its accounts can be, by %s",
	async (...given) => {
		const [host, email, method] = given;
		const limits = { ...DEFAULTS, gmailTime: 1 };
		const checks = new LoginChecks({
			verifier: new GmailVerifier({ host, port: 465, secure: true }, limits),
			limiter: new AccountAndNetworkLimiter(1, 1, MINUTE),
			...{ limits, now: () => 0 },
		});
		const account = email.toLowerCase();
		const origin = new ProvedNetworks().originOf(account, "127.0.0.1", 0);
		const credential =
			method === "token" ? { method, token: "ya29" } : { method, password: "abcdefghijklmnop" };
		const { signal } = new AbortController();
		for (const _ of [1, 2]) {
			const result = await checks.check({ email, account, credential, origin }, signal);
			expect(result).toMatchObject({ accepted: false, code: "invalid_address" });
			expect(result).toMatchObject({ text: expect.stringContaining(email) });
		}
	},
);
