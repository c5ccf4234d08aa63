import { afterAll, beforeAll, expect, test } from "bun:test";
import type { CodeSaidIn } from "../../../../lib/wire/errors/error-codes.ts";
import { certificate, makeCertificate } from "../../../support/mailbox-certificate.ts";
import {
	ADDRESS,
	type Script,
	ScriptedMailbox,
	Verifier,
	WILLING,
} from "../../../support/scripted-mailbox.ts";

// OAuth 2 access tokens, through AUTH XOAUTH2, are handled with the same care as passwords.

const TOKEN = "ya29.a0-_~+/token==";

const identity = await certificate();

let verifier: Verifier;

beforeAll(async () => {
	verifier = await Verifier.start(identity);
});

afterAll(() => verifier[Symbol.asyncDispose]());

const proof = { method: "token", token: TOKEN } as const;

const challenge = Buffer.from('{"status":"400","scope":"https://mail.google.com/"}').toString(
	"base64",
);

async function ask(script: Script) {
	const mailbox = await ScriptedMailbox.open({ ...WILLING, ...script }, { tls: identity });
	const url = `smtps://localhost:${mailbox.port}`;
	const { result } = await verifier.ask(url, { proof, gmailTime: 1000 });
	await mailbox.waitUntilLeft();
	await mailbox[Symbol.asyncDispose]();
	const [, ...said] = mailbox.sealed.split("\r\n");
	return { result, said, connections: mailbox.connections };
}

const expected = Buffer.from(`user=${ADDRESS}\x01auth=Bearer ${TOKEN}\x01\x01`).toString("base64");

test("235 to AUTH XOAUTH2 lets in, and nothing more is said", async () => {
	const { result, said } = await ask({});
	expect(result).toEqual({ accepted: true });
	expect(said).toEqual([`AUTH XOAUTH2 ${expected}`, ""]);
});

const refused: [how: string, script: Script, code: CodeSaidIn<"denied">, advice: RegExp][] = [
	[
		"a challenge, and then 535",
		{ auth: `334 ${challenge}`, other: "535 5.7.8 Username and Password not accepted" },
		...(["wrong_token", /expired.*another account.*scope/] as const),
	],
	["535 at once", { auth: "535 5.7.8 no" }, "wrong_token", /expired/],
	[
		"a challenge, and then 454",
		{ auth: `334 ${challenge}`, other: "454 4.7.0 Too many login attempts" },
		...(["gmail_too_many_logins", /token may well be correct/] as const),
	],
	["421", { auth: "421 4.7.0 Try again later" }, "gmail_busy", /token was not checked/],
	["another success", { auth: "250 2.0.0 OK" }, "gmail_unreachable", /token was not checked/],
	["no such way", { auth: "504 5.7.4 What?" }, "gmail_unreachable", /token was not checked/],
	[
		"a challenge, and then a success",
		{ auth: `334 ${challenge}`, other: "235 2.7.0 Accepted" },
		...(["gmail_unreachable", /token was not checked/] as const),
	],
	[
		"one challenge after the other",
		{ auth: `334 ${challenge}`, other: `334 ${challenge}` },
		...(["gmail_unreachable", /token was not checked/] as const),
	],
];

test.concurrent.each(refused)("%s lets nobody in", async (_, script, code, advice) => {
	const { result, said, connections } = await ask(script);
	const text = expect.stringMatching(advice);
	expect(result).toEqual({ accepted: false, code, text, wasAnswered: true });
	// The token goes out once, on one connection; only an empty answer to a challenge follows.
	const isChallenged = String(script.auth).startsWith("334");
	expect(said).toEqual([`AUTH XOAUTH2 ${expected}`, ...(isChallenged ? [""] : []), ""]);
	expect(connections).toBe(1);
	expect(JSON.stringify(result)).not.toContain(TOKEN);
});

test("a token is not shown before TLS is verified", async () => {
	const untrusted = await makeCertificate();
	await using mailbox = await ScriptedMailbox.open(WILLING, { tls: untrusted });
	const { result } = await verifier.ask(`smtps://localhost:${mailbox.port}`, { proof });
	expect(result).toMatchObject({ code: "gmail_unreachable" });
	expect(mailbox.sealed + mailbox.clear).not.toContain("XOAUTH2");
});
