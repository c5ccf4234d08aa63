import { expect, test } from "bun:test";
import { openMailbox, PASSWORD } from "../../support/mailbox.ts";
import { Bot } from "../../support/programs.ts";
import { quietPort } from "../../support/quiet-port.ts";
import { Redis } from "../../support/redis.ts";
import { commandsOf, Machine } from "./machine.ts";

// The commands with which the pages upgrade a service. Everything is as they say but for root, for the
// folders, and for systemd, in whose place the test stops and starts what the unit says.

/** A bot that joins the server on a machine. */
async function enter(machine: Machine, port: number, name: string): Promise<Bot> {
	const who = ["--name", name, "--email", `${name}@gmail.com`, "--keys", machine.keys];
	const bot = Bot.local([`127.0.0.1:${port}`, ...who], { FERNET_CHAT_PASSWORD: PASSWORD });
	await bot.waitFor({ type: "welcome" });
	return bot;
}

test("an upgrade by the page's commands does not end the conversation", async () => {
	using machine = new Machine();
	await using mailbox = await openMailbox();
	const port = quietPort();
	const flags = ["--smtp", mailbox.url];
	await using before = await machine.start(port, mailbox.trust, flags);
	await using ann = await enter(machine, port, "ann");
	ann.say("before the upgrade");
	await ann.waitFor({ type: "said" });

	machine.release("1.0.1");
	const commands = commandsOf("lib/server/README.md", "### Upgrade");
	expect(machine.type(commands)).toEqual(["daemon-reload", "restart fernet-chat"]);
	expect(machine.version).toContain("1.0.1");
	before.kill("SIGTERM");
	expect(await before.exit()).toBe(0);
	await using after = await machine.start(port, mailbox.trust, flags);
	await ann.waitFor({ type: "online", lost: 0 });
	ann.say("after the upgrade");
	expect(await ann.waitFor({ type: "said", text: "after the upgrade" })).toMatchObject({ seq: 3 });
	expect(mailbox.logins).toEqual(["ann@gmail.com"]);
	after.kill("SIGTERM");
	expect(await after.exit()).toBe(0);
}, 60_000);

test("two servers of one room are upgraded one after the other, and nobody misses anything", async () => {
	await using redis = await Redis.start();
	await using mailbox = await openMailbox();
	using one = new Machine();
	using two = new Machine();
	const key = `${one.root}/room.key`;
	const flags = ["--smtp", mailbox.url, "--room", redis.url, "--room-key", key];
	const servers = [];
	for (const machine of [one, two]) {
		const port = quietPort();
		const server = await machine.start(port, mailbox.trust, flags);
		servers.push({ machine, port, server });
	}
	const bots: Bot[] = [];
	for (const [i, { machine, port }] of servers.entries()) {
		bots.push(await enter(machine, port, `bot${i}`));
	}
	const commands = commandsOf("lib/server/many-servers.md", "## Moving and upgrades");
	for (const [i, each] of servers.entries()) {
		each.machine.release("1.0.1");
		expect(each.machine.type(commands)).toEqual(["restart fernet-chat"]);
		each.server.kill("SIGTERM");
		expect(await each.server.exit()).toBe(0);
		// While one of them is away, the other's members talk.
		bots[1 - i]?.say(`without server ${i}`);
		await bots[1 - i]?.waitFor({ type: "said", text: `without server ${i}` });
		each.server = await each.machine.start(each.port, mailbox.trust, flags);
		expect(each.machine.version).toContain("1.0.1");
		await bots[i]?.waitFor({ type: "online", lost: 0 });
		bots[i]?.say(`with server ${i}`);
		for (const bot of bots) {
			await bot.waitFor({ type: "said", text: `without server ${i}` });
			await bot.waitFor({ type: "said", text: `with server ${i}` });
		}
	}
	expect(mailbox.logins).toHaveLength(2);
	for (const bot of bots) {
		bot.send({ type: "leave" });
		expect(await bot.exit()).toBe(0);
	}
	for (const { server } of servers) {
		server.kill("SIGTERM");
		expect(await server.exit()).toBe(0);
	}
}, 60_000);
