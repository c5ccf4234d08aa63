import { expect, test } from "bun:test";
import { MAIL_SECONDS } from "../../../../lib/server/mail/mail-job.ts";
import { SmtpPool } from "../../../../lib/server/mail/smtp-pool.ts";
import type { Answer, Script } from "../../../support/scripted-mailbox.ts";
import { ANN, openMailbox, PASSWORD } from "./mailing.ts";

const MINUTE = 60_000;

/** A mailbox, and a pool that sends it one mail after another. */
async function pooling(script: Script, times = { idle: MINUTE, pause: MINUTE }) {
	const mailbox = await openMailbox(script);
	const server = { host: "127.0.0.1", port: mailbox.port, secure: false };
	const pool = new SmtpPool(server, { user: "room@gmail.com", pass: PASSWORD }, times);
	/** Resolves with the reason for which the mail was not sent, if it was not. */
	const send = (seconds = MAIL_SECONDS): Promise<unknown> => {
		const envelope = { from: "room@gmail.com", to: [ANN] };
		return pool
			.use(seconds, (connection, done) => connection.send(envelope, "Subject: Hi\r\n\r\nHi", done))
			.catch((failure) => failure.error ?? failure);
	};
	return { mailbox, send, [Symbol.asyncDispose]: () => mailbox[Symbol.asyncDispose]() };
}

const mails = (text: string): number => text.match(/^Hi\r$/gm)?.length ?? 0;

test("one login serves many mails", async () => {
	await using setup = await pooling({});
	for (let i = 0; i < 15; i++) expect(await setup.send()).toBeUndefined();
	expect(mails(setup.mailbox.clear)).toBe(15);
	expect(setup.mailbox.logins).toHaveLength(1);
});

test.each([
	["the sender", { mail: "550 5.7.1 no" }],
	["the address", { rcpt: "550 5.1.1 no such user" }],
	["the mail", { data: "552 5.2.2 too large" }],
	["the mail for now", { data: "452 4.2.2 later" }],
])("a mail server that refuses %s needs no new login for the next", async (_, refusal) => {
	await using setup = await pooling({});
	const willing = { ...setup.mailbox.script };
	Object.assign(setup.mailbox.script, refusal);
	for (let i = 0; i < 3; i++) expect(await setup.send()).toHaveProperty("responseCode");
	expect(mails(setup.mailbox.clear)).toBe(0);
	Object.assign(setup.mailbox.script, willing);
	expect(await setup.send()).toBeUndefined();
	expect(mails(setup.mailbox.clear)).toBe(1);
	expect(setup.mailbox.logins).toHaveLength(1);
});

const ends: [how: string, rset: Answer][] = [
	["hangs up", (socket) => socket.end()],
	["says that it does", "421 4.4.2 Timeout - closing connection"],
	["forgets the login", "530 5.7.0 Authentication Required"],
	["never answers again", () => {}],
];
test.each(ends)("a mail server that %s between two mails gets both", async (_, rset) => {
	await using setup = await pooling({ rset });
	expect(await setup.send()).toBeUndefined();
	expect(await setup.send()).toBeUndefined();
	expect(mails(setup.mailbox.clear)).toBe(2);
	expect(setup.mailbox.logins).toHaveLength(2);
});

test.each([
	["the sender", "mail"],
	["the address", "rcpt"],
	["the mail", "data"],
])(
	"a mail server that keeps silent about %s gets the next on another connection",
	async (...step) => {
		await using setup = await pooling({});
		setup.mailbox.script[step[1]] = () => {};
		expect(await setup.send(0.1)).toEqual({ code: "ETIMEDOUT" });
		await setup.mailbox.waitUntilLeft();
		setup.mailbox.script[step[1]] = step[1] === "data" ? "354 go on" : "250 ok";
		expect(await setup.send()).toBeUndefined();
		expect(setup.mailbox.logins).toHaveLength(2);
	},
);

test.each([
	"535 5.7.8 Username and Password not accepted",
	"534 5.7.9 Application-specific password required",
	"454 4.7.0 Too many login attempts, please try again later.",
])("a login that is refused is not tried again with each mail: %s", async (auth) => {
	await using setup = await pooling({ auth });
	const code = Number(auth.slice(0, 3));
	for (let i = 0; i < 5; i++) expect(await setup.send()).toHaveProperty("responseCode", code);
	expect(setup.mailbox.logins).toHaveLength(1);
});

test("it is tried again after a pause", async () => {
	const times = { idle: MINUTE, pause: 0 };
	await using setup = await pooling({ auth: "454 4.7.0 Too many login attempts" }, times);
	expect(await setup.send()).toHaveProperty("responseCode", 454);
	setup.mailbox.script.auth = "235 2.7.0 Accepted";
	expect(await setup.send()).toBeUndefined();
	expect(setup.mailbox.logins).toHaveLength(2);
});

test("a connection that is not needed closes, and the next mail logs in again", async () => {
	await using setup = await pooling({}, { idle: 50, pause: MINUTE });
	for (let i = 1; i <= 3; i++) {
		expect(await setup.send()).toBeUndefined();
		await setup.mailbox.waitUntilLeft();
		expect(setup.mailbox.logins).toHaveLength(i);
	}
});
