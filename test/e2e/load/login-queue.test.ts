import { afterAll, beforeAll, expect, test } from "bun:test";
import { SMTPServer } from "smtp-server";
import { Guest } from "../../support/crowd.ts";
import { eventually } from "../../support/eventually.ts";
import { listen } from "../../support/listen.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Stage } from "../../support/programs.ts";

// Ten addresses send wrong logins, more than the mail server can check: others log in all the same.

/** Milliseconds that the mail server takes for one login. */
const CHECK = 400;
const ATTACKERS = Array.from({ length: 10 }, (_, i) => `127.0.0.${i + 2}`);

/** One more wrong login for each that the mail server begins: the queue stays full. */
let refill = (): void => {};
const mailServer = new SMTPServer({
	disabledCommands: ["STARTTLS"],
	authMethods: ["PLAIN"],
	onAuth({ username = "", password }, _session, answer) {
		refill();
		const isRight = password === PASSWORD;
		const refusal = Object.assign(new Error("5.7.8 Not accepted"), { responseCode: 535 });
		setTimeout(() => (isRight ? answer(null, { user: username }) : answer(refusal)), CHECK);
	},
});
mailServer.on("error", () => {});

let stage: Stage;
const wrong: Guest[] = [];
beforeAll(async () => {
	const url = `smtp://127.0.0.1:${await listen(mailServer.server)}`;
	stage = await Stage.open("--smtp", url, "--account-logins", "3");
	refill = () => {
		const eve = new Guest(stage, "eve", ATTACKERS[wrong.length % ATTACKERS.length]);
		wrong.push(eve);
		const email = `invented${wrong.length}@gmail.com`;
		eve.send({ type: "login", name: "eve", email, password: "wrong" });
	};
	for (let i = 0; i < 120; i++) refill();
	const told = (code: string) =>
		wrong.filter(({ messages }) => messages.some((message) => message.code === code));
	await eventually("a queue that is full", () => told("busy").length >= 20);
	await eventually("wrong logins from everywhere", () => told("wrong_password").length >= 20);
});
afterAll(async () => {
	refill = () => {};
	for (const eve of wrong) await eve[Symbol.asyncDispose]();
	await stage[Symbol.asyncDispose]();
	await new Promise<void>((resolve) => mailServer.close(resolve));
});

/** Logs in, and returns the milliseconds that it took beyond the check. */
async function joinAfter(name: string, ip: string): Promise<number> {
	const began = performance.now();
	await using guest = await Guest.join(stage, name, ip);
	expect(guest.closed).toBe(false);
	return performance.now() - began - CHECK;
}

const HOW: [how: string, ip: (i: number) => string][] = [
	["each from an address of its own", (i) => `127.0.1.${i + 1}`],
	["all from one address", () => "127.0.2.1"],
];
test.each(HOW)("18 of 18 right logins at once get in, %s", async (how, ip) => {
	const names = Array.from({ length: 18 }, (_, i) => `n${how.length}x${i}`);
	const waits = await Promise.all(names.map((name, i) => joinAfter(name, ip(i))));
	for (const wait of waits) expect(wait).toBeLessThan(3000);
});

test("and one after the other", async () => {
	for (let i = 0; i < 4; i++) expect(await joinAfter(`m${i}`, "127.0.3.1")).toBeLessThan(3000);
});

test("strangers who use up an account's logins do not keep it out of where it was proved", async () => {
	const guess = async (): Promise<unknown> => {
		const eve = new Guest(stage, "eve", "127.0.4.1");
		wrong.push(eve);
		eve.send({ type: "login", name: "eve", email: "home@gmail.com", password: "wrong" });
		return (await eve.waitFor("denied")).code;
	};
	await joinAfter("home", "127.0.5.1");
	await eventually("its logins used up", async () => (await guess()) === "too_many_logins");
	expect(await joinAfter("home", "127.0.5.1")).toBeLessThan(3000);
});
