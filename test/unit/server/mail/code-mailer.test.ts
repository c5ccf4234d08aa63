import { describe, expect, test } from "bun:test";
import { CodeMailer } from "../../../../lib/server/mail/code-mailer.ts";
import { eventually } from "../../../support/eventually.ts";
import type { Script } from "../../../support/scripted-mailbox.ts";
import { ANN, mailing, PASSWORD } from "./mailing.ts";

describe("a mailer", () => {
	const refusals: [how: string, script: Script, reason: string][] = [
		["does not know the password", { auth: "535 5.7.8 no" }, "EAUTH, 535"],
		["does not take the address", { rcpt: "550 5.1.1 no such user 123456" }, "EENVELOPE, 550"],
		[
			"does not take the mail",
			{ data: "552 5.2.2 Your fernet-chat code is 123456" },
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
			expect(setup.warnings).toEqual([`The server could not mail a code (${reason}).`]);
			await setup.mailbox.waitUntilLeft();
		},
	);

	test("nobody listens at", async () => {
		const setup = await mailing({});
		await setup[Symbol.asyncDispose]();
		await setup.mailer.send(ANN, "123456", "127.0.0.1");
		expect(setup.warnings).toEqual(["The server could not mail a code (ESOCKET)."]);
	});

	test("that is slow is asked by four at once, and more than 64 do not wait", async () => {
		await using setup = await mailing({ auth: () => {} });
		for (let i = 0; i < 70; i++) void setup.mailer.send(ANN, "123456", "127.0.0.1");
		await eventually("four logins", () => setup.mailbox.logins.length === 4);
		expect(setup.warnings).toEqual(Array(2).fill("The server could not mail a code (queue_full)."));
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
