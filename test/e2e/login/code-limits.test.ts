import { expect, test } from "bun:test";
import { Guest } from "../../support/crowd.ts";
import { eventually } from "../../support/eventually.ts";
import { type Json, Stage, TRANSPORTS } from "../../support/programs.ts";
import { ask } from "./code-login.ts";

// How many codes an hour people may ask for.

test.each(TRANSPORTS)(
	"%s, codes mailed to one account are limited per hour, however it is spelt",
	async (_, how) => {
		await using stage = await Stage.openWith({ ...how, isMailing: true }, "--account-codes", "2");
		const answers: Json[] = [];
		for (const email of [
			"ann@gmail.com",
			"a.n.n@gmail.com",
			"ann+x@googlemail.com",
			"bob@gmail.com",
		]) {
			answers.push(await ask(stage, email));
		}
		expect(answers.map(({ type }) => type)).toEqual([
			"code_sent",
			"code_sent",
			"denied",
			"code_sent",
		]);
		const text = expect.stringMatching(/Try again in (59|60) min\.$/);
		expect(answers[2]).toMatchObject({ code: "too_many_codes", text });
		await eventually("three mails", () => stage.mails.length === 3);
	},
);

test.each(TRANSPORTS)(
	"%s, codes requested from one IP address are limited per hour; another address is not affected",
	async (_, how) => {
		await using stage = await Stage.openWith({ ...how, isMailing: true }, "--address-codes", "2");
		const answers: Json[] = [];
		for (let i = 0; i < 3; i++) answers.push(await ask(stage, `n${i}@gmail.com`));
		expect(answers.map(({ type }) => type)).toEqual(["code_sent", "code_sent", "denied"]);
		const guest = new Guest(stage, "eve", "127.0.0.2");
		guest.send({ type: "request_code", email: "eve@gmail.com" });
		await guest.waitFor("code_sent");
		await eventually("three mails", () => stage.mails.length === 3);
		const mail = stage.mails.find(({ to }) => to.includes("eve@gmail.com"));
		expect(mail?.text).toContain("network address 127.0.0.2.");
	},
);

test("codes are limited per hour in total, for all accounts and addresses", async () => {
	await using stage = await Stage.openWith({ isLocal: true, isMailing: true }, "--codes", "2");
	for (const [name, from] of [
		["ann", "127.0.0.1"],
		["bob", "127.0.0.2"],
	] as const) {
		const guest = new Guest(stage, name, from);
		guest.send({ type: "request_code", email: `${name}@gmail.com` });
		await guest.waitFor("code_sent");
	}
	const late = new Guest(stage, "eve", "127.0.0.3");
	late.send({ type: "request_code", email: "eve@gmail.com" });
	expect(await late.waitFor("denied")).toMatchObject({ code: "too_many_codes" });
	await eventually("two mails", () => stage.mails.length === 2);
});
