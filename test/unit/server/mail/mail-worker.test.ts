import { expect, test } from "bun:test";
import { eventually } from "../../../support/eventually.ts";
import type { ScriptedMailbox } from "../../../support/scripted-mailbox.ts";
import { mailing } from "./mailing.ts";

// What becomes of mails whose worker ends: the machine may run out of memory, or a library fail.

const HERE = { networks: ["127.0.0.1"], rank: "stranger" as const };
const FOUR = ["ann", "bob", "eve", "joe"];

type Mailing = Awaited<ReturnType<typeof mailing>>;

/** Resolves with the names that got a mail. */
async function send({ mailer, mailbox }: Mailing, names: readonly string[]): Promise<string[]> {
	mailbox.clear = "";
	const mail = { code: "123456", ip: "127.0.0.1", isMeant: true };
	const accounts = names.map((name) => `${name}@gmail.com`);
	await Promise.all(accounts.map((account) => mailer.send({ ...mail, account }, HERE)));
	return [...mailbox.clear.matchAll(/^RCPT TO:<(\w+)@/gm)].map(([, name = ""]) => name);
}

/** Calls `act` in place of an answer; returns what brings the answer back. */
function replace(mailbox: ScriptedMailbox, step: string, act: () => void): () => void {
	const answer = mailbox.script[step] ?? mailbox.script.other ?? "";
	mailbox.script[step] = act;
	return () => {
		mailbox.script[step] = answer;
	};
}

test.each(["greeting", "auth", "rset", "mail"])(
	"a worker that ends at %s with four mails in flight: another one sends them",
	async (step) => {
		await using setup = await mailing({});
		// RSET comes first on a connection that is kept.
		if (step === "rset") await send(setup, FOUR);
		let reached = 0;
		const restore = replace(setup.mailbox, step, () => reached++);
		const sent = send(setup, FOUR);
		await eventually("four mails in flight", () => reached === 4);
		setup.mailbox.clear = "";
		restore();
		await setup.workers[0]?.terminate();
		expect((await sent).toSorted()).toEqual(FOUR);
		expect(await send(setup, FOUR)).toHaveLength(4);
		expect(setup.workers).toHaveLength(2);
		expect(setup.warnings).toEqual([]);
	},
);

test("workers that all end: each mail is warned of once, and the next can be sent", async () => {
	await using setup = await mailing({});
	const end = () => void setup.workers.at(-1)?.terminate();
	const restore = replace(setup.mailbox, "auth", end);
	await send(setup, [...FOUR, "sue", "tim"]);
	const warning = "The server could not mail a code (worker).";
	expect(setup.warnings).toEqual(Array(6).fill(warning));
	restore();
	expect((await send(setup, FOUR)).toSorted()).toEqual(FOUR);
	expect(setup.warnings).toHaveLength(6);
});

test("a mailer that is disposed of with mails in flight starts no other worker", async () => {
	const setup = await mailing({ auth: () => {} });
	void send(setup, FOUR);
	await eventually("four logins", () => setup.mailbox.logins.length === 4);
	await setup[Symbol.asyncDispose]();
	expect(setup.workers).toHaveLength(1);
	expect(setup.warnings).toEqual([]);
});
