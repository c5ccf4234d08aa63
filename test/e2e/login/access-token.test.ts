import { expect, test } from "bun:test";
import { openMailbox, tokenOf } from "../../support/mailbox.ts";
import { makeCertificate } from "../../support/mailbox-certificate.ts";
import { type Json, Program, Stage } from "../../support/programs.ts";

/** A client that logs in by token, and what it prints first. */
async function logIn(stage: Stage, token: string, ...flags: string[]): Promise<Json> {
	const who = ["--name", "ann", "--email", "ann@gmail.com"];
	const env = { FERNET_CHAT_TOKEN: token };
	const args = stage.clientArgs("--json", "--token", ...who, ...flags);
	await using client = new Program("client.ts", args, env);
	await client.waitForOutput("\n");
	client.endInput();
	await client.exit();
	expect(client.out + client.err).not.toContain(token);
	return JSON.parse(client.out.split("\n")[0] ?? "");
}

test("a bot logs in with a token of its account, and not with an old or another's one", async () => {
	await using stage = await Stage.local();
	for (const token of ["ya29.expired", tokenOf("bob@gmail.com")]) {
		expect(await logIn(stage, token)).toMatchObject({ type: "denied", code: "wrong_token" });
	}
	expect(await logIn(stage, tokenOf("ann@gmail.com"))).toMatchObject({ type: "welcome" });
	expect(stage.logins).toEqual(Array(3).fill("ann@gmail.com"));
});

test("the longest token and the longest address fit the line of a login", async () => {
	await using stage = await Stage.local();
	const longest = `${"l".repeat(64)}@${"d".repeat(62)}.${"d".repeat(62)}.${"d".repeat(63)}`;
	const who = ["--email", longest, "--name", "n".repeat(24)];
	const token = "t".repeat(2040) + "=".repeat(8);
	expect(await logIn(stage, token, ...who)).toMatchObject({ code: "wrong_token" });
	expect(stage.logins).toEqual([longest]);
});

test("the server prints no token either", async () => {
	await using mailbox = await openMailbox(makeCertificate());
	await using stage = await Stage.local("--smtp", mailbox.url);
	// The server does not trust this mailbox, so its check of the token fails.
	const token = tokenOf("ann@gmail.com");
	expect(await logIn(stage, token)).toMatchObject({ code: "gmail_unreachable" });
	expect(stage.server.out + stage.server.err).not.toContain(token);
});
