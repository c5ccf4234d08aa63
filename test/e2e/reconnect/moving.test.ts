import { expect, test } from "bun:test";
import { eventually } from "../../support/eventually.ts";
import { RESUME, ScriptedServer } from "./scripted-server.ts";

// The reasons to close after which a client comes back at once, and those after which it ends. The server of this test only
// closes connections, so that each reason can be tried.

for (const code of [
	...["moving", "server_stopped", "too_slow", "idle_timeout", "server_fault"],
	// A fault of the client, or of the network.
	...["bad_token", "bad_count", "bad_message", "line_too_long"],
]) {
	test.concurrent(`a client whose server says ${code} comes back with its token`, async () => {
		await using server = await ScriptedServer.open((index) => (index === 0 ? code : undefined));
		await using bot = server.ann();
		await bot.waitFor({ type: "online" });
		expect(server.firsts.slice(1)).toEqual([RESUME]);
		expect(bot.lines.map(({ type }) => type)).toEqual(["welcome", "offline", "online"]);
	});
}

test.concurrent("a client whose server finds a fault again and again comes back a few times, and then ends", async () => {
	await using server = await ScriptedServer.open(() => "bad_token");
	await using bot = server.ann();
	expect(await bot.exit()).toBe(3);
	expect(bot.lines.at(-1)).toMatchObject({ type: "closed", reason: "bad_token" });
	const returns = server.firsts.slice(1);
	expect(returns.length).toBeGreaterThan(1);
	expect(returns.length).toBeLessThan(10);
	expect(returns).toEqual(returns.map(() => RESUME));
	const online = bot.lines.filter(({ type }) => type === "online");
	expect(online).toHaveLength(returns.length);
});

test.concurrent("a client whose server ends every connection for a reason of its own comes back all the same", async () => {
	const many = 12;
	const endless = (index: number) => (index < many ? "too_slow" : undefined);
	await using server = await ScriptedServer.open(endless);
	await using bot = server.ann();
	await eventually(
		"all returns",
		() => server.firsts.length > many,
		() => bot.out,
	);
	expect(bot.lines.some(({ type }) => type === "closed")).toBe(false);
});

test.each([
	...[["left", 0] as const, ["room_ended", 0] as const, ["room_closed", 0] as const],
	...[["kicked", 2] as const, ["banned", 2] as const],
])("a client whose server says %s ends with %i", async (code, exit) => {
	await using server = await ScriptedServer.open(() => code);
	await using bot = server.ann();
	expect(await bot.exit()).toBe(exit);
	expect(bot.lines.map(({ type }) => type)).toEqual(["welcome", "closed"]);
	expect(bot.lines.at(-1)).toMatchObject({ reason: code });
	expect(server.firsts).toHaveLength(1);
});

test.each([["server_stopped", 0] as const, ["moving", 3] as const, ["too_slow", 3] as const])(
	"a client without patience ends when its server says %s, with %i",
	async (code, exit) => {
		await using server = await ScriptedServer.open(() => code);
		await using bot = server.ann("--patience", "0");
		expect(await bot.exit()).toBe(exit);
		expect(bot.lines.map(({ type }) => type)).toEqual(["welcome", "closed"]);
		expect(server.firsts).toHaveLength(1);
	},
);
