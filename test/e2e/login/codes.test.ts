import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { SMTPServer } from "smtp-server";
import { version } from "../../../package.json" with { type: "json" };
import { listen } from "../../support/listen.ts";
import { problemsIn } from "../../support/log.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Peer } from "../../support/peer.ts";
import { MAILER, Stage } from "../../support/programs.ts";
import { another, ask, codeFor, logIn } from "./code-login.ts";

// Codes by mail: asked for, mailed by a real SMTP server, and presented.

test("a code that was mailed lets its owner in, and no password passes", async () => {
	await using stage = await Stage.openWith({ isLocal: true, isMailing: true });
	const { ticket, code } = await codeFor(stage, "Ann.Lee+chat@GoogleMail.com");
	const [mail, ...more] = stage.mails;
	expect(more).toEqual([]);
	expect(mail).toMatchObject({ from: "room@gmail.com", to: ["annlee@gmail.com"] });
	const [head = "", body = ""] = mail?.text.split("\r\n\r\n", 2) ?? [];
	expect(head).toMatch(/^From: "fernet-chat" <room@gmail\.com>$/m);
	expect(head).toMatch(/^To: annlee@gmail\.com$/m);
	expect(head).toMatch(/^Subject: Your fernet-chat code$/m);
	expect(head).toMatch(/^Content-Type: text\/plain; charset=utf-8$/m);
	expect(head).not.toContain(code);
	expect(body).toContain(code);
	expect(mail?.text).toMatch(/within 10 minutes[\s\S]*Do not share it/);
	expect(mail?.text).toMatch(/from the network address 127\.0\.0\.1\.\r\nIf that was not you/);
	expect(await logIn(stage, "annlee@gmail.com", { ticket, code })).toMatchObject({
		type: "welcome",
	});
	expect(stage.logins).toEqual(["room@gmail.com"]);
});

test("a question is answered once, and the connection and its key are gone", async () => {
	await using stage = await Stage.openWith({ isLocal: true, isMailing: true });
	const peer = Peer.greeting(stage);
	peer.send({ type: "login_methods" });
	peer.send({ type: "login_methods" });
	await peer.waitUntilClosed();
	const methods = ["password", "token", "code"];
	const answer = { type: "login_methods", methods, verifier: "localhost", version };
	expect(peer.messages).toEqual([answer]);
	expect(await stage.keyFiles()).toEqual([]);
	const mailed = await ask(stage, "ann@gmail.com");
	expect(mailed).toEqual({ type: "code_sent", ticket: expect.stringMatching(/^[0-9a-f]{32}$/) });
	expect(await stage.keyFiles()).toEqual([]);
});

test("a question is as fresh as a login must be, and none of a member's", async () => {
	await using stage = await Stage.openWith({ isLocal: true, isMailing: true });
	for (const question of [
		{ type: "login_methods" },
		{ type: "request_code", email: "ann@gmail.com" },
	]) {
		const peer = Peer.greeting(stage);
		peer.line(peer.token(question, { now: Math.floor(Date.now() / 1000) - 70 }));
		expect(await peer.waitFor("denied")).toMatchObject({ code: "clock_skew" });
		const member = await Peer.member(stage, "member");
		member.send(question);
		expect(await member.waitFor("closing")).toMatchObject({ code: "already_logged_in" });
	}
	expect(stage.mails).toEqual([]);
});

describe("a code", () => {
	let stage: Stage;
	beforeAll(async () => {
		stage = await Stage.openWith({ isLocal: true, isMailing: true });
	});
	afterAll(() => stage[Symbol.asyncDispose]());

	test("has five tries, of which the last wrong one ends it", async () => {
		const { ticket, code } = await codeFor(stage, "ann@gmail.com");
		const wrong = { ticket, code: another(code) };
		for (const left of ["4 tries", "3 tries", "2 tries", "one try"]) {
			const text = expect.stringContaining(`You have ${left} left.`);
			expect(await logIn(stage, "ann@gmail.com", wrong)).toMatchObject({
				code: "wrong_code",
				text,
			});
		}
		for (const proof of [wrong, { ticket, code }]) {
			expect(await logIn(stage, "ann@gmail.com", proof)).toMatchObject({ code: "code_expired" });
		}
	});

	test("is still good at the last try", async () => {
		const { ticket, code } = await codeFor(stage, "ann@gmail.com");
		for (let i = 0; i < 4; i++)
			await logIn(stage, "ann@gmail.com", { ticket, code: another(code) });
		expect(await logIn(stage, "ann@gmail.com", { ticket, code })).toMatchObject({
			type: "welcome",
		});
	});

	test("is good once", async () => {
		const proof = await codeFor(stage, "ann@gmail.com");
		expect(await logIn(stage, "ann@gmail.com", proof)).toMatchObject({ type: "welcome" });
		expect(await logIn(stage, "ann@gmail.com", proof)).toMatchObject({ code: "code_expired" });
	});

	test("is good once, also for two who present it at one moment", async () => {
		const proof = await codeFor(stage, "ann@gmail.com");
		const both = await Promise.all([1, 2].map(() => logIn(stage, "ann@gmail.com", proof)));
		const answers = both.map(({ type, code }) => code ?? type);
		expect(answers.toSorted()).toEqual(["code_expired", "welcome"]);
	});

	test("is of use to nobody else, nor is another's ticket", async () => {
		const ann = await codeFor(stage, "ann@gmail.com");
		// A stranger asks for codes for Ann's address, and guesses.
		for (let i = 0; i < 3; i++) {
			const { ticket, code } = await codeFor(stage, "ann@gmail.com");
			if (code === ann.code) continue;
			const answer = await logIn(stage, "ann@gmail.com", { ticket, code: ann.code });
			expect(answer).toMatchObject({ code: "wrong_code" });
		}
		const eve = await codeFor(stage, "eve@gmail.com");
		for (let i = 0; i < 6; i++) {
			expect(await logIn(stage, "ann@gmail.com", eve)).toMatchObject({ code: "code_expired" });
			expect(await logIn(stage, "eve@gmail.com", ann)).toMatchObject({ code: "code_expired" });
		}
		for (let i = 0; i < 6; i++) {
			const proof = { ticket: crypto.randomUUID().replaceAll("-", ""), code: ann.code };
			expect(await logIn(stage, "ann@gmail.com", proof)).toMatchObject({ code: "code_expired" });
		}
		// None of this voids Ann's code or uses up her tries, nor Eve's.
		for (const [email, proof] of [
			["ann@gmail.com", ann],
			["eve@gmail.com", eve],
		] as const) {
			expect(await logIn(stage, email, proof)).toMatchObject({ type: "welcome" });
		}
	});

	test("is not kept from its owner by a stranger who tries logins to the account", async () => {
		await using stage = await Stage.openWith(
			{ isLocal: true, isMailing: true },
			"--account-logins",
			"1",
		);
		const proof = await codeFor(stage, "ann@gmail.com");
		for (let i = 0; i < 3; i++)
			await logIn(stage, "ann@gmail.com", { password: "wrongwrongwrongw" });
		expect(await logIn(stage, "ann@gmail.com", proof)).toMatchObject({ type: "welcome" });
	});
});

test("neither codes nor the mailer's password are printed", async () => {
	await using stage = await Stage.openWith({ isLocal: true, isMailing: true });
	const { ticket, code } = await codeFor(stage, "ann@gmail.com");
	await logIn(stage, "ann@gmail.com", { ticket, code: another(code) });
	await logIn(stage, "ann@gmail.com", { ticket, code });
	stage.server.kill("SIGTERM");
	await stage.server.exit();
	const { out, err } = stage.server;
	for (const secret of [code, MAILER.FERNET_CHAT_MAILER_PASSWORD]) {
		expect(out + err).not.toContain(secret);
	}
	expect(problemsIn(stage.server)).toEqual([]);
});

/** A mail server that refuses a login or a mail, and quotes in full what it was given. */
async function quotingMailServer(refuses: "login" | "mail") {
	let quoted = "";
	const refusal = (text: string): Error => {
		quoted = text.replaceAll(/\s+/g, " ");
		return Object.assign(new Error(quoted), { responseCode: refuses === "login" ? 535 : 552 });
	};
	const server = new SMTPServer({
		disabledCommands: ["STARTTLS"],
		allowInsecureAuth: true,
		onAuth({ username, password }, _session, answer) {
			if (refuses === "mail") answer(null, { user: username });
			else answer(refusal(`${username} ${password}`));
		},
		async onData(stream, _session, answer) {
			answer(refusal(await new Response(stream).text()));
		},
	});
	server.on("error", () => {});
	const port = await listen(server.server);
	return {
		url: `smtp://127.0.0.1:${port}`,
		quoted: () => quoted,
		[Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(resolve)),
	};
}

test.each([
	["login", MAILER.FERNET_CHAT_MAILER_PASSWORD, "EAUTH, 535"],
	["mail", /fernet-chat code is (\d{6})/, "EMESSAGE, 552"],
] as const)(
	"a mail server that refuses the %s and quotes it: the owner is told, nobody the secret",
	async (refuses, pattern, reason) => {
		await using mailer = await quotingMailServer(refuses);
		const how = { isLocal: true, isMailing: true };
		await using stage = await Stage.openWith(how, "--mailer", mailer.url);
		// The client learns nothing of the failure, since there may have been nothing to mail.
		expect(await ask(stage, "ann@gmail.com")).toMatchObject({ type: "code_sent" });
		await stage.server.waitForOutput(
			RegExp(`warning from 127\\.0\\.0\\.1: The server could not mail a code \\(${reason}\\)\\.\n`),
		);
		const secret = mailer.quoted().match(pattern)?.at(-1) ?? "";
		expect(secret).not.toBe("");
		expect(stage.server.out + stage.server.err).not.toContain(secret);
		expect(problemsIn(stage.server)).toHaveLength(1);
		// The room still lets people in.
		expect(await logIn(stage, "ann@gmail.com", { password: PASSWORD })).toMatchObject({
			type: "welcome",
		});
	},
);
