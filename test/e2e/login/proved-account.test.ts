import { afterAll, beforeAll, expect, test } from "bun:test";
import { SMTPServer } from "smtp-server";
import { listen } from "../../support/listen.ts";
import { Stage } from "../../support/programs.ts";
import { ask, logIn } from "./code-login.ts";

// A mail server that is not Gmail's tells apart what Gmail does not: the account that it accepts is
// the account that joins.

/** Each has the password that is listed here, and no other. */
const ACCOUNTS: Record<string, string> = {
	"boss@corp.example": "the boss's own",
	"boss+evil@corp.example": "tagged",
	"b.oss@corp.example": "dotted",
	"Boss@corp.example": "capital",
	"boss@gmail.com": "the other boss's own",
	"boss+evil@gmail.com": "tagged at gmail",
	"bo.ss@googlemail.com": "dotted at googlemail",
};
let asked: string[] = [];
const mailServer = new SMTPServer({
	disabledCommands: ["STARTTLS"],
	authMethods: ["PLAIN"],
	onAuth({ username = "", password }, _session, answer) {
		asked.push(username);
		if (ACCOUNTS[username] === password) return answer(null, { user: username });
		answer(Object.assign(new Error("5.7.8 Not accepted"), { responseCode: 535 }));
	},
});
mailServer.on("error", () => {});

let stage: Stage;
beforeAll(async () => {
	const url = `smtp://127.0.0.1:${await listen(mailServer.server)}`;
	const owners = ["--owner", "boss@corp.example,boss@gmail.com"];
	stage = await Stage.openWith(
		{ isLocal: true, isMailing: true, isOpen: false },
		"--smtp",
		url,
		...owners,
		"--allow",
		"@corp.example",
	);
});
afterAll(async () => {
	await stage[Symbol.asyncDispose]();
	await new Promise<void>((resolve) => mailServer.close(resolve));
});

/** The account under which a login joins, and whether it owns the room; or the code of its denial. */
async function joinAs(email: string): Promise<unknown> {
	const answer = await logIn(stage, email, { password: ACCOUNTS[email] });
	if (answer.type !== "welcome") return answer.code;
	const line = new RegExp(`joined ${answer.name} (\\S+) `);
	await stage.server.waitForOutput(line);
	return [line.exec(stage.server.err)?.[1], answer.owner];
}

test.each(["boss@corp.example", "boss@gmail.com"])("%s joins as the owner it is", async (owner) => {
	expect(await joinAs(owner)).toEqual([owner, true]);
});

test.each(["boss+evil@corp.example", "b.oss@corp.example"])(
	"%s proves itself, and is not its near namesake",
	async (email) => {
		expect(await joinAs(email)).toEqual([email, undefined]);
	},
);

test.each([
	["Boss@corp.example", "boss@corp.example"],
	["boss+evil@gmail.com", "boss@gmail.com"],
	["bo.ss@googlemail.com", "boss@gmail.com"],
])("%s, which we would name %s, has to prove that one", async (email, named) => {
	asked = [];
	expect(await joinAs(email)).toBe("wrong_password");
	expect(asked).toEqual([named]);
});

test.each(["bo_ss@gmail.com", "boss%corp@gmail.com", "+boss@gmail.com", "...@googlemail.com"])(
	"%s is refused by name before any mail server is asked",
	async (email) => {
		asked = [];
		const denial = { type: "denied", code: "invalid_address" };
		const answers = [await logIn(stage, email, { password: "x" }), await ask(stage, email)];
		for (const answer of answers) {
			expect(answer).toMatchObject(denial);
			expect(answer.text).toContain(email);
		}
		expect([asked, stage.logins]).toEqual([[], []]);
	},
);
