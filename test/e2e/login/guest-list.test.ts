import { describe, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalServer } from "../../support/local-server.ts";
import { problemsIn } from "../../support/log.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Peer } from "../../support/peer.ts";
import { type Json, Stage } from "../../support/programs.ts";

// The guest list, through the real server.

/** Logs in once, returns the answer. A client that is let in stays in the room. */
async function logIn(stage: Stage, email: string, password = PASSWORD): Promise<Json> {
	const peer = Peer.greeting(stage);
	const name = `n${crypto.randomUUID().slice(0, 8)}`;
	peer.send({ type: "login", name, email, password });
	return await Promise.any([peer.waitFor("welcome"), peer.waitFor("denied")]);
}

async function listFile(text: string) {
	const folder = await mkdtemp(join(tmpdir(), "fernet-chat-allow-"));
	const path = join(folder, "allow");
	const write = (content: string): Promise<void> => writeFile(path, content);
	await write(text);
	return { path, write, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

test("without a list anybody with an account may join, and the server says so", async () => {
	await using stage = await Stage.local();
	expect(stage.server.out).toContain(" Anyone with an account at localhost can join.\n");
	expect(await logIn(stage, "anybody@firm.example")).toMatchObject({ type: "welcome" });
});

test("with a list every spelling of what is on it may, and nobody else", async () => {
	await using stage = await Stage.local("--allow", "ann.lee@gmail.com, @school.edu");
	expect(stage.server.out).toContain(" 2 addresses and domains are on the guest list.\n");
	for (const email of ["annlee@gmail.com", "A.N.N.Lee+x@GoogleMail.com", "bob@School.edu"]) {
		expect(await logIn(stage, email)).toMatchObject({ type: "welcome" });
	}
	for (const email of ["eve@gmail.com", "bob@cs.school.edu"]) {
		expect(await logIn(stage, email)).toMatchObject({
			...{ type: "denied", code: "not_allowed" },
			text: expect.stringMatching(/login is correct.*Ask the person who runs the server/),
		});
	}
});

test("a denial holds what the wire's page names, and nothing of the server's own", async () => {
	await using stage = await Stage.local("--allow", "ann@gmail.com");
	for (const [email, password] of [
		["eve@gmail.com", PASSWORD],
		["ann@gmail.com", "wrongwrongwrongw"],
	] as const) {
		const denial = await logIn(stage, email, password);
		expect(Object.keys(denial).toSorted()).toEqual(["code", "text", "type"]);
	}
});

test("an owner need not be on the list, and has to prove to be one", async () => {
	await using stage = await Stage.local("--owner", "ann@gmail.com", "--allow", "@x.example");
	const guess = await logIn(stage, "ann@gmail.com", "wrongwrongwrongw");
	expect(guess).toMatchObject({ type: "denied", code: "wrong_password" });
	expect(await logIn(stage, "A.nn@googlemail.com")).toMatchObject({ type: "welcome", owner: true });
	expect(await logIn(stage, "eve@gmail.com")).toMatchObject({ code: "not_allowed" });
});

test("a stranger with a wrong password learns nothing of the list", async () => {
	await using stage = await Stage.local("--allow", "ann@gmail.com");
	const answers = [];
	for (const email of ["ann@gmail.com", "eve@gmail.com"]) {
		const { type, code, text } = await logIn(stage, email, "wrongwrongwrongw");
		answers.push([type, code, text]);
	}
	expect(answers[0]).toEqual(["denied", "wrong_password", expect.any(String)]);
	expect(answers[1]).toEqual(answers[0] ?? []);
	expect(stage.logins).toEqual(["ann@gmail.com", "eve@gmail.com"]);
});

test("an account that may not come in is checked at each login, up to the limit of logins", async () => {
	const flags = ["--allow", "ann@gmail.com", "--account-logins", "3"];
	await using stage = await Stage.local(...flags);
	const spellings = ["eve@gmail.com", "e.v.e+x@gmail.com", "EVE@googlemail.com"];
	for (const email of spellings) {
		expect(await logIn(stage, email)).toMatchObject({ code: "not_allowed" });
	}
	expect(await logIn(stage, "eve@gmail.com")).toMatchObject({ code: "too_many_logins" });
	expect(stage.logins).toEqual(spellings.map(() => "eve@gmail.com"));
});

test("the file may change while the room is open, and no one who is in is thrown out", async () => {
	await using list = await listFile("ann@gmail.com\n");
	await using stage = await Stage.local("--allow-file", list.path);
	expect(stage.server.out).toContain(" 1 address or domain is on the guest list.\n");
	const ann = await Peer.member(stage, "ann");
	expect(await logIn(stage, "bob@gmail.com")).toMatchObject({ code: "not_allowed" });
	await list.write("bob@gmail.com\n");
	expect(await logIn(stage, "bob@gmail.com")).toMatchObject({ type: "welcome" });
	expect(stage.logins).toEqual(["ann@gmail.com", "bob@gmail.com", "bob@gmail.com"]);
	expect(await logIn(stage, "ann@gmail.com")).toMatchObject({ code: "not_allowed" });
	ann.send({ type: "say", id: "1", text: "still here" });
	expect(await ann.waitFor("said")).toMatchObject({ text: "still here" });
});

test("a line that cannot be read lets nobody in, the others count; the owner is told once", async () => {
	await using list = await listFile("ann@gmail.com\n");
	await using stage = await Stage.local("--allow-file", list.path);
	await list.write("ann@gmail.com\r\nbob\r\n");
	expect(await logIn(stage, "ann@gmail.com")).toMatchObject({ type: "welcome" });
	expect(await logIn(stage, "bob@gmail.com")).toMatchObject({ code: "not_allowed" });
	await stage.server.waitForOutput(`Cannot read line 2 of the guest list ${list.path}.`);
	expect(problemsIn(stage.server)).toHaveLength(1);
});

describe("the server does not start with", () => {
	const wrong: [flags: string[], sentence: RegExp][] = [
		[["--allow", "ann@gmail.com,bob"], /^each entry of --allow must be .*@school\.edu, not "bob"/],
		[["--allow="], /^each entry of --allow must be .*@school\.edu, not ""/],
		[["--allow-file="], /^--allow-file must be a path, not ""/],
		[["--allow-file", "/nowhere/allow"], /\/nowhere\/allow: ENOENT/],
	];
	test.each(wrong)("%j", async (flags, sentence) => {
		await using server = new LocalServer(["--port", "0", ...flags], {});
		expect(await server.exit()).toBe(1);
		expect(server.err).toMatch(sentence);
		expect(server.err.trimEnd().split("\n")).toHaveLength(1);
	});
});
