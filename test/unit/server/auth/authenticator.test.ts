import { expect, test } from "bun:test";
import { Authenticator } from "../../../../lib/server/auth/authenticator.ts";
import { BanList } from "../../../../lib/server/auth/ban-list.ts";
import { GmailVerifier } from "../../../../lib/server/auth/gmail-verifier.ts";
import { LOGIN_METHODS } from "../../../../lib/wire/messages/login-methods.ts";
import { DEFAULTS } from "../../../support/defaults.ts";
import { eventually } from "../../../support/eventually.ts";
import { ANN, mailing } from "../mail/mailing.ts";

const MINUTE = 60_000;
const RIGHT = { accepted: true } as const;

test("codes for invented accounts, from invented networks, let nobody forget ann's", async () => {
	const authenticator = new Authenticator({
		verifier: new GmailVerifier({ host: "127.0.0.1", port: 1, secure: false }, DEFAULTS),
		...{ allow: null, methods: LOGIN_METHODS, mailer: null, now: () => 0 },
		limits: { ...DEFAULTS, codes: 20_000 },
		...{ bans: new BanList("/nonexistent", () => {}), owners: new Set<string>() },
	});
	const ask = (email: string, ip: string) => authenticator.requestCode(email, ip);
	for (let i = 0; i < 5; i++) expect(ask(ANN, "192.0.2.7").accepted).toBe(true);
	expect(ask(ANN, "192.0.2.8")).toMatchObject({ code: "too_many_codes" });
	for (let i = 0; i < 10_010; i++) {
		expect(ask(`n${i}@gmail.com`, `2001:db8:0:${i.toString(16)}::1`).accepted).toBe(true);
	}
	expect(ask("a.n.n@gmail.com", "192.0.2.8")).toMatchObject({ code: "too_many_codes" });
});

test("an authenticator forgets a code that has been on its way for too long", async () => {
	await using setup = await mailing({});
	let now = 0;
	const authenticator = new Authenticator({
		verifier: new GmailVerifier({ host: "127.0.0.1", port: 1, secure: false }, DEFAULTS),
		...{
			allow: null,
			methods: LOGIN_METHODS,
			mailer: setup.mailer,
			limits: DEFAULTS,
			now: () => now,
		},
		...{ bans: new BanList("/nonexistent", () => {}), owners: new Set<string>() },
	});
	const outcomes: unknown[] = [];
	for (const minutes of [9, 10]) {
		const mailed = authenticator.requestCode(ANN, "127.0.0.1");
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
