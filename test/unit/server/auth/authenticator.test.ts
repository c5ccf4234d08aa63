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
