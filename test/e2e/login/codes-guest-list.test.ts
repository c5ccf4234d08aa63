import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { PASSWORD } from "../../support/mailbox.ts";
import { Peer } from "../../support/peer.ts";
import { Stage } from "../../support/programs.ts";
import { another, ask, codeFor, logIn, say } from "./code-login.ts";

// Codes beside guest list, bans and --methods: who gets one, and what others learn of it.

describe("an address that is not Gmail's", () => {
	test("gets no code where nobody has listed it", async () => {
		const how = { isLocal: true, isMailing: true, isOpen: true };
		await using stage = await Stage.openWith(how, "--methods", "code");
		expect(stage.server.out).toContain(" Anyone with a Gmail account can join.\n");
		for (const email of ["ann@school.edu", "ann@gmail.com.example", "ann+x@school.edu"]) {
			expect(await ask(stage, email)).toMatchObject({ type: "denied", code: "not_gmail" });
		}
		expect(stage.logins).toEqual([]);
	});

	test("gets one by a list of addresses and domains", async () => {
		await using stage = await Stage.openWith(
			{ isLocal: true, isMailing: true },
			"--allow",
			"@school.edu,bob@firm.example",
		);
		for (const email of ["Ann@School.edu", "bob@firm.example"]) {
			const proof = await codeFor(stage, email);
			expect(await logIn(stage, email, proof)).toMatchObject({ type: "welcome" });
		}
		const [first, second] = stage.mails;
		expect([first?.to, second?.to]).toEqual([["ann@school.edu"], ["bob@firm.example"]]);
	});

	let school: Stage;
	beforeAll(async () => {
		school = await Stage.openWith({ isLocal: true, isMailing: true }, "--allow", "@school.edu");
	});
	afterAll(() => school[Symbol.asyncDispose]());

	const strange = [
		"eve%home.example@school.edu",
		"ann+x@school.edu",
		"a!b@school.edu",
		"a,b@school.edu",
		"<a>@school.edu",
	];
	test.each(strange)("%s could lead elsewhere, and gets none", async (email) => {
		expect(await ask(school, email)).toMatchObject({ type: "denied", code: "not_gmail" });
		expect(school.logins).toEqual([]);
	});
});

test("whether an address is on the list is not told to who asks: the answers are alike", async () => {
	await using stage = await Stage.openWith(
		{ isLocal: true, isMailing: true },
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
		expect(mailed).toEqual({ type: "code_sent", ticket: expect.any(String) });
		// The answers to wrong codes, and to too many of them, must not tell the two apart.
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

test("the mailer is as busy for an address that is not on the list, and sends it nothing", async () => {
	await using stage = await Stage.openWith(
		{ isLocal: true, isMailing: true },
		"--allow",
		"ann@gmail.com",
	);
	const began = performance.now();
	for (const email of ["eve@gmail.com", "ann@school.edu", "bob@gmail.com", "joe@gmail.com"]) {
		expect(await ask(stage, email)).toMatchObject({ type: "code_sent" });
	}
	await codeFor(stage, "ann@gmail.com");
	// Each of the four places to mail was taken for as long as a mail that is sent takes one.
	expect(performance.now() - began).toBeGreaterThan(2990);
	expect(new Set(stage.logins)).toEqual(new Set(["room@gmail.com"]));
	expect(stage.logins.length).toBeLessThanOrEqual(4);
	expect(stage.mails.map(({ to }) => to)).toEqual([["ann@gmail.com"]]);
});

test("a banned address is mailed nothing and answered like any other; only a code shows the ban", async () => {
	const flags = ["--owner", "boss@work.example"];
	await using stage = await Stage.openWith({ isLocal: true, isMailing: true }, ...flags);
	const early = await codeFor(stage, "eve@gmail.com");
	// The server mails a code also to an owner whom no list names.
	const boss = stage.tidy(Peer.greeting(stage));
	const proof = await codeFor(stage, "boss@work.example");
	boss.send({ type: "login", name: "boss", email: "boss@work.example", ...proof });
	expect(await boss.waitFor("welcome")).toMatchObject({ owner: true });
	boss.send({ type: "ban", who: "E.ve+x@gmail.com" });
	await boss.waitFor("banned");
	const late = await ask(stage, "e.v.e@gmail.com");
	expect(late).toEqual({ type: "code_sent", ticket: expect.any(String) });
	const guess = { ticket: early.ticket, code: another(early.code) };
	expect(await logIn(stage, "eve@gmail.com", guess)).toMatchObject({ code: "wrong_code" });
	expect(await logIn(stage, "eve@gmail.com", early)).toMatchObject({ code: "banned" });
	await codeFor(stage, "bob@gmail.com");
	expect(stage.mails.map(({ to }) => to[0])).toEqual([
		...["eve@gmail.com", "boss@work.example", "bob@gmail.com"],
	]);
});

describe("a way that the server does not take", () => {
	test("is refused before anybody is asked", async () => {
		await using stage = await Stage.openWith(
			{ isLocal: true, isMailing: true },
			"--methods",
			"code",
		);
		expect(stage.server.out).not.toContain("checks logins");
		expect(stage.server.out).toMatch(/ It mails codes through smtp:\/\/localhost:\d+\./);
		expect(await say(stage, { type: "login_methods" })).toMatchObject({ methods: ["code"] });
		for (const proof of [{ password: PASSWORD }, { token: "ya29" }]) {
			expect(await logIn(stage, "ann@gmail.com", proof)).toMatchObject({
				...{ type: "denied", code: "method_not_accepted" },
				text: expect.stringMatching(/Log in with a code sent by mail\.$/),
			});
		}
		expect(stage.logins).toEqual([]);
		const proof = await codeFor(stage, "ann@gmail.com");
		expect(await logIn(stage, "ann@gmail.com", proof)).toMatchObject({ type: "welcome" });
	});

	test("may be the code", async () => {
		await using stage = await Stage.local();
		expect(await say(stage, { type: "login_methods" })).toMatchObject({
			methods: ["password", "token"],
		});
		const proof = { ticket: "0".repeat(32), code: "000000" };
		for (const answer of [
			await ask(stage, "ann@gmail.com"),
			await logIn(stage, "ann@gmail.com", proof),
		]) {
			expect(answer).toMatchObject({ type: "denied", code: "method_not_accepted" });
			expect(answer.text).toEndWith("Log in with a password or an access token.");
		}
	});

	test("is told to a bot", async () => {
		await using stage = await Stage.openWith(
			{ isLocal: true, isMailing: true },
			"--methods",
			"token,code",
		);
		const bot = stage.bot("ann");
		expect(await bot.exit()).toBe(2);
		expect(bot.lines).toMatchObject([{ type: "denied", code: "method_not_accepted" }]);
	});
});
