import { afterAll, beforeAll, expect, test } from "bun:test";
import { generate } from "selfsigned";
import { certificate, makeCertificate } from "../../../support/mailbox-certificate.ts";
import {
	GREETING,
	type Script,
	ScriptedMailbox,
	secretsIn,
	Verifier,
	WILLING,
} from "../../../support/scripted-mailbox.ts";

type AltName = { type: 2; value: string } | { type: 7; ip: string };
const DAY = 24 * 60 * 60 * 1000;

/** A certificate for one name, valid for a day from `since` on. */
const certificateFor = (name: AltName, since = Date.now() - DAY / 2) =>
	generate([{ name: "commonName", value: "localhost" }], {
		keyType: "ec",
		algorithm: "sha256",
		notBeforeDate: new Date(since),
		notAfterDate: new Date(since + DAY),
		extensions: [{ name: "subjectAltName", altNames: [name] }],
	});

/** This machine, but not by a loopback address: the server must not send a password there. */
const ELSEWHERE = "0.0.0.0";
const localhost = await certificate();
const elsewhere = await certificateFor({ type: 7, ip: ELSEWHERE });
const untrusted = await makeCertificate();
const otherName = await certificateFor({ type: 2, value: "mail.test" });
const expired = await certificateFor({ type: 2, value: "localhost" }, Date.now() - 9 * DAY);
const future = await certificateFor({ type: 2, value: "localhost" }, Date.now() + 9 * DAY);

let verifier: Verifier;
beforeAll(async () => {
	// The verifier trusts all but one, so that each has only the fault that it is named after.
	verifier = await Verifier.start(localhost, elsewhere, otherName, expired, future);
});
afterAll(() => verifier[Symbol.asyncDispose]());

/** Asks, and expects that nothing is accepted or decided, and nobody gets the secret. */
async function expectUnreachable(
	mailbox: ScriptedMailbox,
	url: string,
	fault = "E[A-Z]+",
): Promise<void> {
	const { result, took } = await verifier.ask(`${url}:${mailbox.port}`, { gmailTime: 1000 });
	expect(result).toMatchObject({
		accepted: false,
		code: "gmail_unreachable",
		text: expect.stringMatching(new RegExp(`\\(${fault}\\).*not checked`)),
	});
	expect(took).toBeLessThan(2500);
	await mailbox.waitUntilLeft();
	expect(secretsIn(mailbox.clear)).toEqual([]);
	expect(secretsIn(mailbox.sealed)).toEqual([]);
}

test("with the right certificate the password passes, inside TLS alone", async () => {
	await using mailbox = await ScriptedMailbox.open(WILLING, { tls: localhost });
	const { result } = await verifier.ask(`smtps://localhost:${mailbox.port}`);
	expect(result).toEqual({ accepted: true });
	expect(secretsIn(mailbox.sealed)).not.toEqual([]);
	await mailbox.waitUntilLeft();
});

const forged = { untrusted, "for another name": otherName, expired, "not valid yet": future };
const forgeries = Object.entries(forged);

/** How the server names the fault where the time is wrong: the certificate's, or its own clock's. */
const NAMED: Record<string, string> = {
	expired: "CERT_HAS_EXPIRED",
	"not valid yet": "CERT_NOT_YET_VALID",
};

test.concurrent.each(forgeries)("a certificate that is %s", async (what, tls) => {
	await using mailbox = await ScriptedMailbox.open(WILLING, { tls });
	await expectUnreachable(mailbox, "smtps://localhost", NAMED[what]);
	expect(mailbox.sealed).toBe("");
});

test("a certificate for a name does not do for an address", async () => {
	await using mailbox = await ScriptedMailbox.open(WILLING, { tls: localhost });
	await expectUnreachable(mailbox, "smtps://127.0.0.1");
});

test("clear text on the port of smtps", async () => {
	await using mailbox = await ScriptedMailbox.open(WILLING);
	await expectUnreachable(mailbox, "smtps://localhost");
});

const OFFERING = { ...WILLING, ehlo: "250-mx.test\r\n250-STARTTLS\r\n250 AUTH PLAIN" };

test.concurrent.each(forgeries)(
	"STARTTLS with a certificate that is %s",
	async (what, startTls) => {
		await using mailbox = await ScriptedMailbox.open(OFFERING, { startTls });
		await expectUnreachable(mailbox, "smtp://localhost", NAMED[what]);
		expect(mailbox.sealed).toBe("");
	},
);

test.each([
	["localhost", localhost],
	[ELSEWHERE, elsewhere],
])("STARTTLS with the right certificate for %s", async (host, startTls) => {
	await using mailbox = await ScriptedMailbox.open(OFFERING, { startTls });
	const { result } = await verifier.ask(`smtp://${host}:${mailbox.port}`);
	expect(result).toEqual({ accepted: true });
	expect(secretsIn(mailbox.clear)).toEqual([]);
	expect(secretsIn(mailbox.sealed)).not.toEqual([]);
});

test.concurrent.each<[string, Script]>([
	["is not offered", WILLING],
	["is refused", { ...OFFERING, starttls: "502 5.5.1 What is TLS?" }],
	["is agreed to and not begun", { ...OFFERING, starttls: "220 2.0.0 Ready" }],
	["is lost with EHLO", { greeting: GREETING, helo: "250 mx.test", other: "250 ok" }],
	[
		"is agreed to with more answers in clear behind it",
		{
			...OFFERING,
			starttls: "220 2.0.0 Ready\r\n250-mx.test\r\n250 AUTH PLAIN\r\n235 2.7.0 Accepted",
		},
	],
])("an address that may be anywhere, where STARTTLS %s", async (_, script) => {
	await using mailbox = await ScriptedMailbox.open({ ehlo: "500 what?", ...script });
	await expectUnreachable(mailbox, `smtp://${ELSEWHERE}`);
});

test.each(["127.0.0.1", "localhost"])("without TLS at all on %s", async (host) => {
	await using mailbox = await ScriptedMailbox.open(WILLING);
	const { result } = await verifier.ask(`smtp://${host}:${mailbox.port}`);
	expect(result).toEqual({ accepted: true });
	expect(secretsIn(mailbox.clear)).not.toEqual([]);
});
