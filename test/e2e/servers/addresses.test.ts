import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "../../support/eventually.ts";
import { addressOf, PASSWORD } from "../../support/mailbox.ts";
import { Bot, Stage } from "../../support/programs.ts";
import { Redis } from "../../support/redis.ts";
import { Screen } from "../../support/terminal.ts";

// Members who know both servers of a room, each with a certificate of its own, while these stop.

const folder = mkdtempSync(join(tmpdir(), "fernet-chat-servers-"));
const redis = await Redis.start();
const flags = ["--tls", "--room", redis.url, "--room-key", join(folder, "room.key")];
const stages = [await Stage.open(...flags), await Stage.open(...flags)] as const;
afterAll(async () => {
	for (const stage of stages) await stage[Symbol.asyncDispose]();
	await redis[Symbol.asyncDispose]();
	rmSync(folder, { recursive: true });
});

const endpoint = ({ port, server }: Stage): string => {
	const [, fingerprint = ""] = /fingerprint is (\w+)/.exec(server.out) ?? [];
	return `127.0.0.1:${port}#${fingerprint}`;
};
for (const { server } of stages) await server.waitForOutput(/fingerprint is \w{64}/);
const list = stages.map(endpoint).join(",");
const env = { FERNET_CHAT_PASSWORD: PASSWORD, XDG_CONFIG_HOME: join(folder, "config") };
const who = (name: string) => ["--name", name, "--email", addressOf(name)];

/** Restarts a server where it was. */
async function restart(stage: Stage): Promise<void> {
	await stage.reopen("--port", String(stage.port), ...flags);
}

test.each(["SIGTERM", "SIGKILL"] as const)(
	"%s: a person and a bot go on with the other server, and miss nothing",
	async (signal) => {
		const [one, two] = stages;
		const name = `ann${signal.slice(3).toLowerCase()}`;
		await using ann = new Screen("client.ts", [list, ...who(name)], { env, cols: 100, rows: 50 });
		await ann.waitForText(`You are ${name}`);
		await using bot = Bot.local([list, ...who(`bot${signal}`)], env);
		await bot.waitFor({ type: "welcome" });
		await using other = Bot.local([endpoint(two), ...who(`other${signal}`)], env);
		await other.waitFor({ type: "welcome" });
		ann.type("half a sen");
		await ann.waitForText("half a sen");
		const offline = `offline ${name} `;
		one.server.kill(signal);
		await one.server.exit();
		other.say("while they move");
		await ann.waitForText("Connected again, at 127.0.0.1:");
		await ann.waitForText("You missed nothing.");
		ann.type("tence\r");
		for (const each of [bot, other]) {
			await each.waitFor({ type: "said", from: name, text: "half a sentence" });
			await each.waitFor({ type: "said", text: "while they move" });
		}
		await ann.waitForText("while they move");
		expect(await bot.waitFor({ type: "online" })).toMatchObject({ lost: 0 });
		await eventually("their log", () => two.server.err.includes(` back ${name} `));
		expect(two.server.err).not.toContain(offline);
		expect(ann.text).not.toMatch(/changed|vouches/);
		expect([...one.logins, ...two.logins].filter((each) => each === addressOf(name))).toHaveLength(
			1,
		);
		ann.type("/leave\r");
		expect(await ann.exit()).toBe(0);
		await restart(one);
	},
	60_000,
);
