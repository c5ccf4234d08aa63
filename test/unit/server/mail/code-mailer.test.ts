import { describe, expect, test } from "bun:test";
import type { Origin } from "../../../../lib/server/limits/fair-semaphore.ts";
import { CodeMailer } from "../../../../lib/server/mail/code-mailer.ts";
import { eventually } from "../../../support/eventually.ts";
import type { Script } from "../../../support/scripted-mailbox.ts";
import { ANN, mailing, PASSWORD } from "./mailing.ts";

const MAIL = { account: ANN, code: "123456", ip: "127.0.0.1", isMeant: true };
const HERE = { networks: ["127.0.0.1"], rank: "stranger" as const };

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
			await setup.mailer.send(MAIL, HERE);
			expect(setup.warnings).toEqual([`The server could not mail a code (${reason}).`]);
			await setup.mailbox.waitUntilLeft();
		},
	);

	test("nobody listens at", async () => {
		await using setup = await mailing({});
		await setup.mailbox[Symbol.asyncDispose]();
		await setup.mailer.send(MAIL, HERE);
		expect(setup.warnings).toEqual(["The server could not mail a code (ESOCKET)."]);
	});

	test("that is slow is asked by four at once; one network gets half of the places to wait", async () => {
		await using setup = await mailing({ auth: () => {} });
		const { mailer } = setup;
		const fill = (origin: Origin): number => {
			let many = 0;
			for (; mailer.hasRoomFor(origin); many++) void mailer.send(MAIL, origin);
			return many;
		};
		const other = (i: number) => ({ networks: [`192.0.2.${i}`], rank: "stranger" as const });
		expect(fill(HERE)).toBe(4 + 256);
		const others = Array.from({ length: 300 }, (_, i) => fill(other(i)));
		expect(others).toEqual([...Array(256).fill(1), ...Array(44).fill(0)]);
		await eventually("four logins", () => setup.mailbox.logins.length === 4);
		expect(setup.mailbox.connections).toBe(4);
		expect(setup.warnings).toEqual([]);
	});

	test("does the same for an account that gets none, and sends nothing", async () => {
		await using setup = await mailing({});
		const commands = () => setup.mailbox.clear.match(/^[A-Z]{4}\b/gm);
		for (const account of [ANN, "eve@work.example", "x@y.zz"]) {
			setup.mailbox.clear = "";
			await setup.mailer.send({ ...MAIL, account, isMeant: false }, HERE);
			await setup.mailbox.waitUntilLeft();
			expect(commands()).toEqual(["EHLO", "AUTH", "RSET"]);
			expect(setup.mailbox.clear).not.toMatch(/123456|RCPT|@/);
		}
		setup.mailbox.clear = "";
		await setup.mailer.send(MAIL, HERE);
		expect(commands()?.slice(0, 4)).toEqual(["EHLO", "AUTH", "MAIL", "RCPT"]);
		expect(setup.warnings).toEqual([]);
	});

	test("gets no password in clear where it may be elsewhere", async () => {
		await using setup = await mailing({});
		const where = { host: "0.0.0.0", port: setup.mailbox.port, secure: false };
		await using mailer = new CodeMailer(
			{ server: where, user: "room@gmail.com", password: PASSWORD },
			() => {},
		);
		await mailer.send(MAIL, HERE);
		expect(setup.mailbox.logins).toEqual([]);
		expect(setup.mailbox.clear).not.toContain("123456");
	});
});
