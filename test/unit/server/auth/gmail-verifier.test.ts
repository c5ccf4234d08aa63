import { afterAll, beforeAll, expect, test } from "bun:test";
import { SMTPServer } from "smtp-server";
import type { CodeSaidIn } from "../../../../lib/wire/errors/error-codes.ts";
import { listen } from "../../../support/listen.ts";
import { certificate } from "../../../support/mailbox-certificate.ts";
import {
	ADDRESS,
	type Script,
	ScriptedMailbox,
	SECRET,
	secretsIn,
	Verifier,
	WILLING,
} from "../../../support/scripted-mailbox.ts";

const identity = await certificate();
let verifier: Verifier;
beforeAll(async () => {
	verifier = await Verifier.start(identity);
});
afterAll(() => verifier[Symbol.asyncDispose]());

/** A mailbox over TLS that differs from a willing one in some answers. */
const mailboxThat = (script: Script) =>
	ScriptedMailbox.open({ ...WILLING, ...script }, { tls: identity });

// The mistakes that the text of a refusal must help with.
const WRONG = ["wrong_password", /^\S+ rejected this address and password\.$/] as const;
const NEEDS_APP_PASSWORD = [
	"app_password_needed",
	/^\S+ requires an app password for this account\.$/,
] as const;
const NEEDS_BROWSER = ["browser_needed", /in a web browser first/] as const;
const TOO_MANY = ["gmail_too_many_logins", /Wait.*password may well be correct/] as const;
const BUSY = ["gmail_busy", /not checked.*again later/] as const;

/** Gmail's replies to AUTH, in its words and line breaks, and what the person is told. */
const REPLIES: [string, string, CodeSaidIn<"denied">, RegExp][] = [
	[
		"535 5.7.8",
		"535-5.7.8 Username and Password not accepted. For more information, go to\r\n535 5.7.8  https://support.google.com/mail/?p=BadCredentials d4sm16pgf.9 - gsmtp",
		...WRONG,
	],
	["535 5.7.1", "535 5.7.1 Username and Password not accepted - gsmtp", ...WRONG],
	[
		"534 5.7.9, app password",
		"534-5.7.9 Application-specific password required. For more information, go to\r\n534 5.7.9  https://support.google.com/mail/?p=InvalidSecondFactor d4sm16pgf.9 - gsmtp",
		...NEEDS_APP_PASSWORD,
	],
	[
		"535 5.7.9, app password",
		"535 5.7.9 Application-specific password required - gsmtp",
		...NEEDS_APP_PASSWORD,
	],
	[
		"534 5.7.9, browser",
		"534-5.7.9 Please log in with your web browser and then try again. Learn more at\r\n534 5.7.9  https://support.google.com/mail/?p=WebLoginRequired d4sm16pgf.9 - gsmtp",
		...NEEDS_BROWSER,
	],
	[
		"534 5.7.14, browser",
		"534-5.7.14 <https://accounts.google.com/signin/continue?sarp=1> Please log in via your web\r\n534 5.7.14 browser and then try again. d4sm16pgf.9 - gsmtp",
		...NEEDS_BROWSER,
	],
	["454, too many", "454 4.7.0 Too many login attempts, please try again later.", ...TOO_MANY],
	[
		"454, temporary",
		"454 4.7.0 Cannot authenticate due to temporary system problem. Try again later.",
		...BUSY,
	],
	["421", "421 4.7.0 Temporary System Problem. Try again later. d4sm16pgf.9 - gsmtp", ...BUSY],
];

test.concurrent.each(REPLIES)("AUTH answered %s", async (_, reply, code, advice) => {
	await using mailbox = await mailboxThat({ auth: reply });
	const { result } = await verifier.ask(`smtps://localhost:${mailbox.port}`);
	const text = expect.stringMatching(advice);
	expect(result).toEqual({ accepted: false, code, text, wasAnswered: true });
	// A refusal is final: asked once, over one connection.
	expect(mailbox.logins).toEqual([[ADDRESS, SECRET]]);
	expect(mailbox.connections).toBe(1);
	await mailbox.waitUntilLeft();
});

const busy = "421 4.7.0 Try again later, closing connection. d4sm1686pgf.9 - gsmtp";

test.concurrent.each<[string, Script, string]>([
	["421 for a greeting", { greeting: busy }, "gmail_busy"],
	["421 to EHLO", { ehlo: busy }, "gmail_busy"],
	["535 for a greeting", { greeting: "535 5.7.8 not here" }, "gmail_unreachable"],
	["535 to EHLO and HELO", { other: "535 5.7.8 not here", ehlo: "535 no" }, "gmail_unreachable"],
])("%s is not a word about the password, which was never sent", async (_, script, code) => {
	await using mailbox = await mailboxThat(script);
	const { result } = await verifier.ask(`smtps://localhost:${mailbox.port}`);
	const text = expect.stringMatching(/password was not checked/);
	expect(result).toMatchObject({ code, text, wasAnswered: false });
	expect(secretsIn(mailbox.sealed)).toEqual([]);
});

test("no sentence repeats what the mailbox says", async () => {
	for (const code of ["535 5.7.8", "534 5.7.9", "454 4.7.0", "421 4.7.0", "550 5.7.1"]) {
		await using mailbox = await mailboxThat({ auth: `${code} ${ADDRESS} ${SECRET}` });
		const answer = await verifier.ask(`smtps://localhost:${mailbox.port}`);
		expect(answer.result.accepted).toBe(false);
		expect(secretsIn(JSON.stringify(answer))).toEqual([]);
		expect(secretsIn(mailbox.sealed)).toContain(SECRET);
	}
});

/** An honest mailbox that knows one way to log in, one account and one password. */
async function honestMailbox(mechanism: string) {
	const server = new SMTPServer({
		secure: true,
		cert: identity.cert,
		key: identity.private,
		authMethods: [mechanism],
		onAuth({ username, password, validatePassword }, _session, answer) {
			const right = password === SECRET || (mechanism === "CRAM-MD5" && validatePassword(SECRET));
			if (right && username === ADDRESS) return answer(null, { user: username });
			answer(Object.assign(new Error("5.7.8 Not accepted"), { responseCode: 535 }));
		},
	});
	server.on("error", () => {});
	const port = await listen(server.server);
	return {
		url: `smtps://localhost:${port}`,
		[Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(resolve)),
	};
}

test.concurrent.each(["PLAIN", "LOGIN", "CRAM-MD5"])(
	"an honest mailbox with AUTH %s takes the right password alone",
	async (mechanism) => {
		await using mailbox = await honestMailbox(mechanism);
		const right = await verifier.ask(mailbox.url);
		expect(right.result).toEqual({ accepted: true });
		for (const wrong of [{ password: `${SECRET}s` }, { email: "zelda@gmail.com" }]) {
			const { result } = await verifier.ask(mailbox.url, wrong);
			expect(result).toMatchObject({ accepted: false, code: "wrong_password" });
		}
	},
);

test("without an address or a password nobody is asked", async () => {
	await using mailbox = await mailboxThat({});
	for (const nothing of [{ email: "" }, { password: "" }]) {
		const { result } = await verifier.ask(`smtps://localhost:${mailbox.port}`, nothing);
		expect(result.accepted).toBe(false);
	}
	expect(mailbox.logins).toEqual([]);
});

test.each([
	"correct horse battery staple",
	"abcd efgh ijkl mnop",
	"abcdefghijklmnop ",
	"abcd-efgh\u00a0ijkl\u200bmnop",
	"abcd efgh ijkl mnop qrst",
	" ab  cd ",
	"pässwörd ✓",
])("the password %j arrives as it is at a mail server that is not Gmail", async (password) => {
	await using mailbox = await mailboxThat({});
	await verifier.ask(`smtps://localhost:${mailbox.port}`, { password });
	expect(mailbox.logins).toEqual([[ADDRESS, password]]);
});
