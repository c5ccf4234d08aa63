import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import {
	Authority,
	days,
	ELSEWHERE,
	fingerprintOf,
	type Identity,
} from "../../support/certificates.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import type { Screen } from "../../support/terminal.ts";
import { Pretender } from "./pretender.ts";
import { TlsStage } from "./tls-stage.ts";

// Where nobody vouches for a server, the client asks the person once.

const authority = await Authority.open();

let tls: TlsStage;
let address: string;
beforeAll(async () => {
	tls = await TlsStage.open();
	address = `${ELSEWHERE}:${tls.port}`;
});
afterAll(() => tls[Symbol.asyncDispose]());

const servers = (name: string): string => join(tls.home(name), "fernet-chat", "servers.json");
const asked = /fingerprint that you were given\?/;

/** How to say yes and no, to prompts and on plain lines. */
const ways: [how: string, flags: string[], yes: string, no: string][] = [
	["on a terminal", [], "y", "n"],
	["in plain lines", ["--plain"], "yes\r", "no\r"],
];

async function logIn(person: Screen): Promise<void> {
	await person.waitForText("Password");
	person.type(`${PASSWORD}\r`);
	await person.waitForText("You are ");
	person.type(person.text.includes("to all>") ? "\x04" : "/leave\r");
	expect(await person.exit()).toBe(0);
}

test.each(ways)("%s: yes is remembered, and not asked for again", async (how, flags, yes) => {
	const name = `yes${how.length}`;
	await using person = await tls.person(name, address, flags, {});
	await person.waitForText(asked);
	expect(person.text).toContain(tls.fingerprint);
	expect(person.text).not.toContain("Password (");
	person.type(yes);
	await logIn(person);
	expect(JSON.parse(await readFile(servers(name), "utf8"))).toEqual({
		[address]: tls.fingerprint,
	});
	expect((await stat(servers(name))).mode & 0o777).toBe(0o600);

	await using again = await tls.person(name, address, flags, {});
	await logIn(again);
	expect(again.text).not.toMatch(asked);
});

test.each(ways)("%s: yes counts where nothing can be remembered", async (how, flags, yes) => {
	await using person = await tls.person(`un${how.length}`, address, flags, { home: "/dev/null" });
	await person.waitForText(asked);
	person.type(yes);
	await logIn(person);
});

const noes = ways.flatMap(([how, flags, , no]) => [
	[`no ${how}`, flags, no] as const,
	[`just Enter ${how}`, flags, "\r"] as const,
	[`the end of input ${how}`, flags, flags.length > 0 ? "\x04" : "\x03"] as const,
]);

test.each(noes)("%s: nothing is sent, nothing is remembered", async (how, flags, no) => {
	const identity = await authority.vouch("chat.test");
	await using pretender = await Pretender.open({ identity });
	const name = `no${noes.findIndex(([each]) => each === how)}`;
	await using person = await tls.person(name, `${ELSEWHERE}:${pretender.port}`, flags, {});
	await person.waitForText(asked);
	person.type(no);
	await person.waitForText("You did not log in.");
	expect(await person.exit()).toBe(0);
	expect(person.isCooked).toBe(true);
	await pretender.waitUntilLeft();
	expect(pretender.heard.length).toBe(0);
	expect(existsSync(servers(name))).toBe(false);
});

const doubtful: Record<string, Identity> = {
	"of the past": await authority.vouch(ELSEWHERE, days(-9)),
	"for another name": await authority.vouch("chat.test"),
	"of an authority that the system does not trust": await (await Authority.open()).vouch(ELSEWHERE),
};

test.each(Object.entries(doubtful))("a certificate %s is asked about", async (what, identity) => {
	await using pretender = await Pretender.open({ identity });
	const name = `doubt${what.length}`;
	const device = { trusting: authority };
	await using person = await tls.person(name, `${ELSEWHERE}:${pretender.port}`, [], device);
	await person.waitForText(asked);
	expect(person.text).toContain(fingerprintOf(identity));
	person.type("n");
	expect(await person.exit()).toBe(0);
	await pretender.waitUntilLeft();
	expect(pretender.heard.length).toBe(0);
});

test("a bot is never asked: what it does not know is refused, and what it was told is remembered", async () => {
	const bot = await tls.bot("bot", address);
	expect(await bot.exit()).toBe(3);
	expect(bot.lines).toMatchObject([{ type: "closed", reason: "server_unknown" }]);
	expect(existsSync(servers("bot"))).toBe(false);

	const told = await tls.member("bot", `${address}#${tls.fingerprint}`);
	told.endInput();
	expect(await told.exit()).toBe(0);
	await tls.member("bot", address);
});
