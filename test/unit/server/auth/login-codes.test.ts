import { describe, expect, test } from "bun:test";
import { Authenticator } from "../../../../lib/server/auth/authenticator.ts";
import { BanList } from "../../../../lib/server/auth/ban-list.ts";
import { GmailVerifier } from "../../../../lib/server/auth/gmail-verifier.ts";
import { LoginCodes } from "../../../../lib/server/auth/login-codes.ts";
import { CodeMailer } from "../../../../lib/server/mail/code-mailer.ts";
import { LOGIN_METHODS } from "../../../../lib/wire/login-methods.ts";
import { DEFAULTS } from "../../../support/defaults.ts";
import { eventually } from "../../../support/eventually.ts";
import { type Script, ScriptedMailbox, WILLING } from "./scripted-mailbox.ts";

const MINUTE = 60_000;
const ANN = "ann@gmail.com";
const PASSWORD = "gatsbyandtheflap";
const RIGHT = { accepted: true } as const;

const present = (
	codes: LoginCodes,
	{ ticket, code }: { ticket: string; code: string },
	now: number,
) => codes.redeem(ANN, { method: "code", ticket, code }, now);

describe("codes", () => {
	test("are good for ten minutes and not for longer", () => {
		const codes = new LoginCodes();
		const [early, late] = [codes.issue(ANN, 0), codes.issue(ANN, 0)];
		expect(present(codes, early, 10 * MINUTE - 1)).toEqual(RIGHT);
		expect(present(codes, late, 10 * MINUTE)).toMatchObject({
			accepted: false,
			code: "code_expired",
		});
	});

	test("are six digits, and differ from one another as chance has it", () => {
		const codes = new LoginCodes();
		const issued = Array.from({ length: 2000 }, () => codes.issue(ANN, 0));
		for (const { code } of issued) expect(code).toMatch(/^\d{6}$/);
		expect(new Set(issued.map(({ ticket }) => ticket)).size).toBe(2000);
		// Two of them are the same now and then; a first digit is as frequent as any other.
		expect(new Set(issued.map(({ code }) => code)).size).toBeGreaterThan(1950);
		for (const digit of "0123456789") {
			const many = issued.filter(({ code }) => code.startsWith(digit)).length;
			expect([digit, many > 100 && many < 300]).toEqual([digit, true]);
		}
	});

	test("are bounded in number: the oldest is forgotten, the newest are good", () => {
		const codes = new LoginCodes();
		const issued = Array.from({ length: 10_001 }, () => codes.issue(ANN, 0));
		const [oldest, second] = issued;
		const newest = issued.at(-1);
		if (!oldest || !second || !newest) throw new Error("none");
		expect(present(codes, oldest, 0).accepted).toBe(false);
		expect(present(codes, newest, 0)).toEqual(RIGHT);
	});
});

/** A mailbox of this machine, without TLS, that a code is mailed through. */
async function mailing(script: Script) {
	const mailbox = await ScriptedMailbox.open({
		...{ ...WILLING, mail: "250 ok", rcpt: "250 ok", data: "354 go on" },
		...{ other: "250 ok", starttls: "502 no" },
		...script,
	});
	const warnings: string[] = [];
	const where = { host: "127.0.0.1", port: mailbox.port, secure: false };
	const mailer = new CodeMailer(
		{ server: where, user: "room@gmail.com", password: PASSWORD },
		(text) => warnings.push(text),
	);
	const dispose = () => mailbox[Symbol.asyncDispose]();
	return { mailbox, mailer, warnings, [Symbol.asyncDispose]: dispose };
}

describe("a mailer", () => {
	const refusals: [how: string, script: Script, reason: string][] = [
		["does not know the password", { auth: "535 5.7.8 no" }, "EAUTH, 535"],
		["does not take the address", { rcpt: "550 5.1.1 no such user 123456" }, "EENVELOPE, 550"],
		[
			"does not take the mail",
			{ data: "552 5.2.2 Your code for fernet-chat is 123456" },
			"EENVELOPE, 552",
		],
		["hangs up", { mail: (socket) => socket.end() }, "ECONNECTION"],
		["offers no login", { ehlo: "250 mx.test" }, "ENOAUTH"],
	];
	test.each(refusals)(
		"that %s: the owner is told, and nothing of the code",
		async (_, script, reason) => {
			await using setup = await mailing(script);
			await setup.mailer.send(ANN, "123456", "127.0.0.1");
			expect(setup.warnings).toEqual([`a code could not be mailed (${reason})`]);
			await setup.mailbox.waitUntilLeft();
		},
	);

	test("nobody listens at", async () => {
		const setup = await mailing({});
		await setup[Symbol.asyncDispose]();
		await setup.mailer.send(ANN, "123456", "127.0.0.1");
		expect(setup.warnings).toEqual(["a code could not be mailed (ESOCKET)"]);
	});

	test("that is slow is asked by four at once, and more than 64 do not wait", async () => {
		await using setup = await mailing({ auth: () => {} });
		for (let i = 0; i < 70; i++) void setup.mailer.send(ANN, "123456", "127.0.0.1");
		await eventually("four logins", () => setup.mailbox.logins.length === 4);
		expect(setup.warnings).toEqual(Array(2).fill("a code could not be mailed (queue_full)"));
		expect(setup.mailbox.connections).toBe(4);
	});

	test("gets no password in clear where it may be elsewhere", async () => {
		await using setup = await mailing({});
		const where = { host: "0.0.0.0", port: setup.mailbox.port, secure: false };
		const mailer = new CodeMailer(
			{ server: where, user: "room@gmail.com", password: PASSWORD },
			() => {},
		);
		await mailer.send(ANN, "123456", "127.0.0.1");
		expect(setup.mailbox.logins).toEqual([]);
		expect(setup.mailbox.clear).not.toContain("123456");
	});
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
		const codes = () => [...setup.mailbox.clear.matchAll(/fernet-chat is (\d{6})/g)];
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
