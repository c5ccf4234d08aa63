import { describe, expect, test } from "bun:test";
import { SMTPServer } from "smtp-server";
import { Guest } from "../../support/crowd.ts";
import { eventually } from "../../support/eventually.ts";
import { problemsIn } from "../../support/log.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Peer } from "../../support/peer.ts";
import { type Json, MAILER, Stage } from "../../support/programs.ts";

// Codes by mail: asked for, mailed by a real SMTP server, and presented.

/** One first message, and the answer to it. Whoever is let in stays. */
async function say(stage: Stage, message: Json): Promise<Json> {
	const peer = Peer.greeting(stage);
	peer.send(message);
	await eventually("an answer", () => peer.messages.length > 0);
	const [answer] = peer.messages;
	if (answer?.type !== "welcome") await peer.waitUntilClosed();
	return answer ?? { type: "none" };
}

const ask = (stage: Stage, email: string): Promise<Json> => say(stage, { type: "mail", email });

/** The code in the newest mail. */
const newest = (stage: Stage): string =>
	/code for fernet-chat is (\d{6})\r\n/.exec(stage.mails.at(-1)?.text ?? "")?.[1] ?? "";

/** Asks for a code, and reads the mail. */
async function codeFor(stage: Stage, email: string): Promise<{ ticket: unknown; code: string }> {
	const before = stage.mails.length;
	const { ticket } = await ask(stage, email);
	await eventually("a mail", () => stage.mails.length > before);
	return { ticket, code: newest(stage) };
}

let names = 0;
const logIn = (stage: Stage, email: string, proof: object): Promise<Json> =>
	say(stage, { type: "login", name: `n${++names}`, email, ...proof });

/** A code that is not this one. */
const another = (code: string): string => (code === "000000" ? "000001" : "000000");

test("a code that was mailed lets its owner in, and no password passes", async () => {
	await using stage = await Stage.openWith({ isMailing: true });
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
	expect(mail?.text).toMatch(/for 10 minutes[\s\S]*Tell it to nobody/);
	expect(mail?.text).toMatch(/from the network address 127\.0\.0\.1\.\r\nIf that was not you/);
	expect(await logIn(stage, "annlee@gmail.com", { ticket, code })).toMatchObject({
		type: "welcome",
	});
	expect(stage.logins).toEqual(["room@gmail.com"]);
});

test("a question is answered once, and the connection and its key are gone", async () => {
	await using stage = await Stage.openWith({ isMailing: true });
	const peer = Peer.greeting(stage);
	peer.send({ type: "ask" });
	peer.send({ type: "ask" });
	await peer.waitUntilClosed();
	const ways = ["password", "token", "code"];
	expect(peer.messages).toEqual([{ n: 0, type: "accepts", ways }]);
	expect(await stage.keyFiles()).toEqual([]);
	const mailed = await ask(stage, "ann@gmail.com");
	expect(mailed).toEqual({ n: 0, type: "mailed", ticket: expect.stringMatching(/^[0-9a-f]{32}$/) });
	expect(await stage.keyFiles()).toEqual([]);
});

test("a question is as fresh as a login must be, and none of a member's", async () => {
	await using stage = await Stage.openWith({ isMailing: true });
	for (const question of [{ type: "ask" }, { type: "mail", email: "ann@gmail.com" }]) {
		const peer = Peer.greeting(stage);
		peer.line(peer.token(question, { now: Math.floor(Date.now() / 1000) - 70 }));
		expect(await peer.waitFor("denied")).toMatchObject({ code: "clock_skew" });
		const member = await Peer.member(stage, `n${++names}`);
		member.send(question);
		expect(await member.waitFor("closing")).toMatchObject({ code: "already_logged_in" });
	}
	expect(stage.mails).toEqual([]);
});

describe("a code", () => {
	test("has five tries, of which the last wrong one ends it", async () => {
		await using stage = await Stage.openWith({ isMailing: true });
		const { ticket, code } = await codeFor(stage, "ann@gmail.com");
		const wrong = { ticket, code: another(code) };
		for (const left of ["4 tries are", "3 tries are", "2 tries are", "one try is"]) {
			const text = expect.stringContaining(`${left} left`);
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
		await using stage = await Stage.openWith({ isMailing: true });
		const { ticket, code } = await codeFor(stage, "ann@gmail.com");
		for (let i = 0; i < 4; i++)
			await logIn(stage, "ann@gmail.com", { ticket, code: another(code) });
		expect(await logIn(stage, "ann@gmail.com", { ticket, code })).toMatchObject({
			type: "welcome",
		});
	});

	test("is good once", async () => {
		await using stage = await Stage.openWith({ isMailing: true });
		const proof = await codeFor(stage, "ann@gmail.com");
		expect(await logIn(stage, "ann@gmail.com", proof)).toMatchObject({ type: "welcome" });
		expect(await logIn(stage, "ann@gmail.com", proof)).toMatchObject({ code: "code_expired" });
	});

	test("is good once, also for two who present it at one moment", async () => {
		await using stage = await Stage.openWith({ isMailing: true });
		const proof = await codeFor(stage, "ann@gmail.com");
		const both = await Promise.all([1, 2].map(() => logIn(stage, "ann@gmail.com", proof)));
		const answers = both.map(({ type, code }) => code ?? type);
		expect(answers.toSorted()).toEqual(["code_expired", "welcome"]);
	});

	test("is of use to nobody else, nor is another's ticket", async () => {
		await using stage = await Stage.openWith({ isMailing: true });
		const ann = await codeFor(stage, "ann@gmail.com");
		// A stranger asks for codes for her address, and guesses.
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
		// Neither is her code void, nor are her tries used up; his are his own.
		for (const [email, proof] of [
			["ann@gmail.com", ann],
			["eve@gmail.com", eve],
		] as const) {
			expect(await logIn(stage, email, proof)).toMatchObject({ type: "welcome" });
		}
	});

	test("is not kept from its owner by a stranger who tries logins to the account", async () => {
		await using stage = await Stage.openWith({ isMailing: true }, "--account-logins", "1");
		const proof = await codeFor(stage, "ann@gmail.com");
		for (let i = 0; i < 3; i++)
			await logIn(stage, "ann@gmail.com", { password: "wrongwrongwrongw" });
		expect(await logIn(stage, "ann@gmail.com", proof)).toMatchObject({ type: "welcome" });
	});
});

test("one account gets so many codes an hour, however it is spelt", async () => {
	await using stage = await Stage.openWith({ isMailing: true }, "--account-codes", "2");
	const answers: Json[] = [];
	for (const email of [
		"ann@gmail.com",
		"a.n.n@gmail.com",
		"ann+x@googlemail.com",
		"bob@gmail.com",
	]) {
		answers.push(await ask(stage, email));
	}
	expect(answers.map(({ type }) => type)).toEqual(["mailed", "mailed", "denied", "mailed"]);
	const text = expect.stringMatching(/too many codes; try again in (59|60) min$/);
	expect(answers[2]).toMatchObject({ code: "too_many_codes", text });
	await eventually("three mails", () => stage.mails.length === 3);
});

test("one address may ask for so many an hour; another one may, too", async () => {
	await using stage = await Stage.openWith({ isMailing: true }, "--address-codes", "2");
	const answers: Json[] = [];
	for (let i = 0; i < 3; i++) answers.push(await ask(stage, `n${i}@gmail.com`));
	expect(answers.map(({ type }) => type)).toEqual(["mailed", "mailed", "denied"]);
	const guest = new Guest(stage, "eve", "127.0.0.2");
	guest.send({ type: "mail", email: "eve@gmail.com" });
	await guest.waitFor("mailed");
	await eventually("three mails", () => stage.mails.length === 3);
	expect(stage.mails.at(-1)?.text).toContain("network address 127.0.0.2.");
});

test("all together may ask for so many an hour, whoever they are and wherever from", async () => {
	await using stage = await Stage.openWith({ isMailing: true }, "--codes", "2");
	for (const [name, from] of [
		["ann", "127.0.0.1"],
		["bob", "127.0.0.2"],
	] as const) {
		const guest = new Guest(stage, name, from);
		guest.send({ type: "mail", email: `${name}@gmail.com` });
		await guest.waitFor("mailed");
	}
	const late = new Guest(stage, "eve", "127.0.0.3");
	late.send({ type: "mail", email: "eve@gmail.com" });
	expect(await late.waitFor("denied")).toMatchObject({ code: "too_many_codes" });
	await eventually("two mails", () => stage.mails.length === 2);
});

describe("an address that is not Gmail's", () => {
	test("gets no code where nobody has listed it", async () => {
		const how = { isMailing: true, isOpen: true };
		await using stage = await Stage.openWith(how, "--methods", "code");
		expect(stage.server.out).toContain("; anyone with a Gmail account may come in\n");
		for (const email of ["ann@school.edu", "ann@gmail.com.example", "+x@gmail.com"]) {
			expect(await ask(stage, email)).toMatchObject({ type: "denied", code: "not_gmail" });
		}
		expect(stage.logins).toEqual([]);
	});

	test("gets one by a list of addresses and domains, at the account and not at a spelling of it", async () => {
		await using stage = await Stage.openWith(
			{ isMailing: true },
			"--allow",
			"@school.edu,bob@firm.example",
		);
		for (const email of ["ann+x@school.edu", "bob@firm.example"]) {
			const proof = await codeFor(stage, email);
			expect(await logIn(stage, email, proof)).toMatchObject({ type: "welcome" });
		}
		// At another domain ann+x may be somebody else, who must not pass for Ann.
		const [first, second] = stage.mails;
		expect([first?.to, second?.to]).toEqual([["ann@school.edu"], ["bob@firm.example"]]);
	});

	const strange = [
		"eve%home.example@school.edu",
		"a!b@school.edu",
		"a,b@school.edu",
		"<a>@school.edu",
	];
	test.each(strange)("%s could lead elsewhere, and gets none", async (email) => {
		await using stage = await Stage.openWith({ isMailing: true }, "--allow", "@school.edu");
		expect(await ask(stage, email)).toMatchObject({ type: "denied", code: "not_gmail" });
		expect(stage.logins).toEqual([]);
	});
});

test("whether an address is on the list is not told to who asks: the answers are alike", async () => {
	await using stage = await Stage.openWith(
		{ isMailing: true },
		"--allow",
		"ann@gmail.com,@school.edu",
	);
	for (const [listed, other] of [
		["ann@gmail.com", "eve@gmail.com"],
		["ann@school.edu", "eve@firm.example"],
	] as const) {
		const { ticket, code } = await codeFor(stage, listed);
		const mails = stage.mails.length;
		const mailed = await ask(stage, other);
		expect(mailed).toEqual({ n: 0, type: "mailed", ticket: expect.any(String) });
		// A wrong code is a wrong code; when tries are used up, they are.
		const found = { listed: [] as unknown[], other: [] as unknown[] };
		for (let i = 0; i < 6; i++) {
			const wrong = another(code);
			const listedAnswer = await logIn(stage, listed, { ticket, code: wrong });
			const otherAnswer = await logIn(stage, other, { ticket: mailed.ticket, code: wrong });
			found.listed.push([listedAnswer.code, listedAnswer.text]);
			found.other.push([otherAnswer.code, otherAnswer.text]);
		}
		expect(found.other).toEqual(found.listed);
		expect(stage.mails).toHaveLength(mails);
	}
});

test("who is banned is mailed nothing, is answered like anybody, and is told with a code", async () => {
	const flags = ["--owner", "boss@work.example"];
	await using stage = await Stage.openWith({ isMailing: true }, ...flags);
	const early = await codeFor(stage, "eve@gmail.com");
	// An owner is mailed a code, too, whom the list does not name.
	const boss = stage.tidy(Peer.greeting(stage));
	const proof = await codeFor(stage, "boss@work.example");
	boss.send({ type: "login", name: "boss", email: "boss@work.example", ...proof });
	expect(await boss.waitFor("welcome")).toMatchObject({ owner: true });
	boss.send({ type: "ban", who: "E.ve+x@gmail.com" });
	await boss.waitFor("banned");
	const late = await ask(stage, "e.v.e@gmail.com");
	expect(late).toEqual({ n: 0, type: "mailed", ticket: expect.any(String) });
	const guess = { ticket: early.ticket, code: another(early.code) };
	expect(await logIn(stage, "eve@gmail.com", guess)).toMatchObject({ code: "wrong_code" });
	expect(await logIn(stage, "eve@gmail.com", early)).toMatchObject({ code: "banned" });
	await codeFor(stage, "bob@gmail.com");
	expect(stage.mails.map(({ to }) => to[0])).toEqual([
		...["eve@gmail.com", "boss@work.example", "bob@gmail.com"],
	]);
});

describe("a way that the server does not take", () => {
	const sentence = /does not take .*; it takes /;

	test("is refused before anybody is asked", async () => {
		await using stage = await Stage.openWith({ isMailing: true }, "--methods", "code");
		expect(stage.server.out).not.toContain("asks");
		expect(stage.server.out).toMatch(/, mails codes through smtps:\/\/localhost:\d+;/);
		expect(await say(stage, { type: "ask" })).toMatchObject({ ways: ["code"] });
		for (const proof of [{ password: PASSWORD }, { token: "ya29" }]) {
			expect(await logIn(stage, "ann@gmail.com", proof)).toMatchObject({
				...{ type: "denied", code: "method_not_accepted" },
				text: expect.stringMatching(/it takes a code by mail$/),
			});
		}
		expect(stage.logins).toEqual([]);
		const proof = await codeFor(stage, "ann@gmail.com");
		expect(await logIn(stage, "ann@gmail.com", proof)).toMatchObject({ type: "welcome" });
	});

	test("may be the code", async () => {
		await using stage = await Stage.open();
		expect(await say(stage, { type: "ask" })).toMatchObject({ ways: ["password", "token"] });
		const proof = { ticket: "0".repeat(32), code: "000000" };
		for (const answer of [
			await ask(stage, "ann@gmail.com"),
			await logIn(stage, "ann@gmail.com", proof),
		]) {
			expect(answer).toMatchObject({ type: "denied", code: "method_not_accepted" });
			expect(answer.text).toMatch(sentence);
		}
	});

	test("is told to a bot", async () => {
		await using stage = await Stage.openWith({ isMailing: true }, "--methods", "token,code");
		const bot = stage.bot("ann");
		expect(await bot.exit()).toBe(2);
		expect(bot.lines).toMatchObject([{ type: "denied", code: "method_not_accepted" }]);
	});
});

test("neither codes nor the mailer's password are printed", async () => {
	await using stage = await Stage.openWith({ isMailing: true });
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
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const address = server.server.address();
	return {
		url: `smtp://127.0.0.1:${typeof address === "object" ? address?.port : undefined}`,
		quoted: () => quoted,
		[Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(resolve)),
	};
}

test.each([
	["login", MAILER.FERNET_CHAT_MAILER_PASSWORD, "EAUTH, 535"],
	["mail", /code for fernet-chat is (\d{6})/, "EMESSAGE, 552"],
] as const)(
	"a mail server that refuses the %s and quotes it: the owner is told, nobody the secret",
	async (refuses, pattern, reason) => {
		await using mailer = await quotingMailServer(refuses);
		const how = { isMailing: true };
		await using stage = await Stage.openWith(how, "--mailer", mailer.url);
		// Who asked learns nothing of it, since there may have been nothing to mail.
		expect(await ask(stage, "ann@gmail.com")).toMatchObject({ type: "mailed" });
		await stage.server.waitForOutput(
			RegExp(`warning: a code could not be mailed \\(${reason}\\)\n`),
		);
		const secret = mailer.quoted().match(pattern)?.at(-1) ?? "";
		expect(secret).not.toBe("");
		expect(stage.server.out + stage.server.err).not.toContain(secret);
		expect(problemsIn(stage.server)).toHaveLength(1);
		// The room is as it was.
		expect(await logIn(stage, "ann@gmail.com", { password: PASSWORD })).toMatchObject({
			type: "welcome",
		});
	},
);
