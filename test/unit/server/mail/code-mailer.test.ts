import { describe, expect, test } from "bun:test";
import type { Origin } from "../../../../lib/server/limits/fair-semaphore.ts";
import { CodeMailer } from "../../../../lib/server/mail/code-mailer.ts";
import { eventually } from "../../../support/eventually.ts";
import type { Script } from "../../../support/scripted-mailbox.ts";
import { ANN, mailing, PASSWORD } from "./mailing.ts";

const MAIL = { account: ANN, code: "123456", ip: "127.0.0.1", isMeant: true };
/** Milliseconds that a mail holds its place, many times more than a mail takes here. */
const HOLD = 400;
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
		// A mail takes at most 15 seconds, a code is valid for 10 minutes: 40 mails for each place.
		expect(fill(HERE)).toBe(4 + 78);
		const others = Array.from({ length: 100 }, (_, i) => fill(other(i)));
		expect(others).toEqual([...Array(78).fill(1), ...Array(22).fill(0)]);
		await eventually("four logins", () => setup.mailbox.logins.length === 4);
		expect(setup.mailbox.connections).toBe(4);
		expect(setup.warnings).toEqual([]);
	});

	test("that nobody asked about room: the mail that gets none is dropped with a warning", async () => {
		await using setup = await mailing({ auth: () => {} });
		const sent = Array.from({ length: 4 + 156 + 3 }, () => setup.mailer.send(MAIL, HERE));
		await Promise.all(sent.slice(-3));
		expect(setup.warnings).toEqual(Array(3).fill("The server could not mail a code (queue_full)."));
	});

	test("does the same for an account that gets none, and sends nothing", async () => {
		await using setup = await mailing({});
		for (const account of [ANN, "eve@work.example", "x@y.zz"]) {
			await setup.mailer.send({ ...MAIL, account, isMeant: false }, HERE);
		}
		expect(setup.mailbox.logins).toHaveLength(1);
		expect(setup.mailbox.clear).toEndWith("\r\nRSET\r\n");
		expect(setup.mailbox.clear).not.toMatch(/123456|RCPT|@/);
		await setup.mailer.send(MAIL, HERE);
		expect(setup.mailbox.logins).toHaveLength(1);
		expect(setup.mailbox.clear).toMatch(/^RCPT TO:<ann@gmail\.com>[\s\S]* 123456\b/m);
		expect(setup.warnings).toEqual([]);
	});

	test("logs in four times at most for many mails, sent or not", async () => {
		await using setup = await mailing({});
		const mails = Array.from({ length: 60 }, (_, i) => ({ ...MAIL, isMeant: i % 2 === 0 }));
		await Promise.all(mails.map((mail) => setup.mailer.send(mail, HERE)));
		expect(setup.mailbox.logins.length).toBeLessThanOrEqual(4);
		const sent = setup.mailbox.clear.match(/^RCPT/gm) ?? [];
		expect(sent).toHaveLength(mails.filter(({ isMeant }) => isMeant).length);
		expect(setup.warnings).toEqual([]);
	});

	test.each([
		["are sent", [true, true, true, true]],
		["are not", [false, false, false, false]],
		["are and are not", [true, false, false, true]],
	])("holds each place for as long, whether the mails before %s", async (_, kinds) => {
		await using setup = await mailing({}, HOLD);
		const began = performance.now();
		for (const isMeant of kinds) void setup.mailer.send({ ...MAIL, isMeant }, HERE);
		void setup.mailer.send({ ...MAIL, account: "eve@gmail.com" }, HERE);
		await eventually("the last mail", () => setup.mailbox.clear.includes("RCPT TO:<eve@"));
		// Timers count whole milliseconds.
		expect(performance.now() - began).toBeGreaterThan(HOLD - 2);
	});

	test("gets no password in clear where it may be elsewhere", async () => {
		await using setup = await mailing({});
		const where = { host: "0.0.0.0", port: setup.mailbox.port, secure: false };
		await using mailer = new CodeMailer(
			{ server: where, user: "room@gmail.com", password: PASSWORD },
			() => {},
			0,
		);
		await mailer.send(MAIL, HERE);
		expect(setup.mailbox.logins).toEqual([]);
		expect(setup.mailbox.clear).not.toContain("123456");
	});
});
