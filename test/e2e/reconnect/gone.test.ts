import { expect, test } from "bun:test";
import { reason } from "../../../lib/wire/errors/reason.ts";
import { eventually } from "../../support/eventually.ts";
import { FaultProxy } from "../../support/fault.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { type Bot, Stage } from "../../support/programs.ts";
import { enter } from "../terminal/visit.ts";
import { openOnQuietPort, stop } from "./restarted.ts";
import { ScriptedServer } from "./scripted-server.ts";

// A client's patience with a server that is gone, and what it does about one that is back and full.

const count = (bot: Bot, wanted: string): number =>
	bot.lines.filter(({ type }) => type === wanted).length;

test.each([
	["stopped", "server_stopped", (stage: Stage) => stop(stage)],
	["killed", "server_lost", (stage: Stage) => stop(stage, "SIGKILL")],
] as const)("%s for good: exit 5 when the patience is over", async (_, code, end) => {
	await using stage = await openOnQuietPort();
	const bot = await stage.member("ann", "--patience", "1");
	await using screen = await enter(stage, "ben", { flags: ["--patience", "2"] });
	screen.type("half a line");
	await end(stage);
	await bot.waitFor({ type: "offline", code });
	// The prompt says so for as long as it lasts, and keeps what is typed.
	await screen.waitForText(/^offline, to all> half a line$/m);
	screen.type(", and more");
	await screen.waitForText(/^offline, to all> half a line, and more$/m);
	expect([await bot.exit(), await screen.exit()]).toEqual([5, 5]);
	const gone = reason("server_gone", 1);
	expect(bot.lines.at(-1)).toEqual({ type: "closed", reason: gone.code, text: gone.text });
	// Not all of it fits into a row.
	await screen.waitForText(reason("server_gone", 2).text.replaceAll(" ", "\\s+"));
	expect(screen.text).toMatch(/^▐ !! Not sent: half a line, and more\n▐ /m);
	expect(screen.text).not.toContain("to all>");
	expect(screen.isCooked).toBe(true);
	expect(count(bot, "offline")).toBe(1);
	expect(await stage.keyFiles()).toEqual([]);
});

test("an answer that never comes is waited for no longer than the patience", async () => {
	await using stage = await Stage.local();
	let isDeaf = false;
	await using proxy = await FaultProxy.open(stage.port, () => (isDeaf ? { delay: 3_600_000 } : {}));
	const bot = stage.bot("ann", PASSWORD, proxy.port, "--patience", "2");
	await bot.waitFor({ type: "welcome" });
	isDeaf = true;
	const since = performance.now();
	proxy.cut();
	expect(await bot.exit()).toBe(5);
	expect(performance.now() - since).toBeLessThan(20_000);
	expect(bot.lines.at(-1)).toMatchObject({ type: "closed", reason: "server_gone" });
});

/** A server that stops, no longer knows ann when she comes back, and denies her further logins. */
const forgetful = (denials: readonly (string | undefined)[]): Promise<ScriptedServer> =>
	ScriptedServer.open(
		(index) => (index === 0 ? "server_stopped" : undefined),
		(index) => [undefined, "resume_expired", ...denials].at(Math.min(index, denials.length + 1)),
	);

test("a server that has no time or place yet: the bot logs in again until it has", async () => {
	await using server = await forgetful(["busy", undefined]);
	await using bot = server.ann();
	await eventually(
		"a second welcome",
		() => bot.lines.filter(({ type }) => type === "welcome").length === 2,
		() => bot.out,
	);
	expect(server.firsts.map(({ type }) => type)).toEqual(["login", "resume", "login", "login"]);
	expect(bot.lines.map(({ type }) => type)).toEqual(["welcome", "offline", "rejoining", "welcome"]);
});

test.concurrent.each([
	"room_full",
	"busy",
	"store_unavailable",
	"too_many_logins",
	"gmail_busy",
	"server_stopped",
])("a server that says %s until the patience is over: denied, and exit 5", async (code) => {
	await using server = await forgetful([code]);
	await using bot = server.ann("--patience", "3");
	expect(await bot.exit()).toBe(5);
	expect(bot.lines.at(-1)).toMatchObject({ type: "denied", code });
	// Seldom, because every login may be one at the mail server.
	expect(server.firsts.length).toBeLessThan(6);
});

test.each(["wrong_password", "not_allowed", "name_taken", "banned", "of_the_future"])(
	"a server that says %s to a bot that comes back: denied at once, and exit 2",
	async (code) => {
		await using server = await forgetful([code]);
		await using bot = server.ann();
		expect(await bot.exit()).toBe(2);
		expect(bot.lines.at(-1)).toMatchObject({ type: "denied", code });
		expect(server.firsts).toHaveLength(3);
	},
);

test("a first login that may succeed later ends with 5, and is not repeated", async () => {
	await using stage = await Stage.local("--max-members", "1", "--account-logins", "1");
	await stage.member("ann");
	const tries: [name: string, password: string, code: string, exit: number][] = [
		["ben", PASSWORD, "room_full", 5],
		["cyd", "wrongwrongwrongw", "wrong_password", 2],
		["cyd", PASSWORD, "too_many_logins", 5],
	];
	for (const [name, password, code, exit] of tries) {
		const bot = stage.bot(name, password);
		expect(await bot.exit()).toBe(exit);
		expect(bot.lines).toMatchObject([{ type: "denied", code }]);
	}
	expect(stage.logins).toHaveLength(3);
});
