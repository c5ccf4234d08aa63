import { describe, expect, test } from "bun:test";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ExfatDisk } from "../../support/exfat.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Bot, Program, Stage } from "../../support/programs.ts";

// A keys folder and a state folder on exFAT, as on a memory stick or a folder shared with Windows.

const masks = (mask: string): string[] => (ExfatDisk.canBeMounted ? [mask] : []);

describe("where other users can read everything", () => {
	test.each(masks("umask=0"))(
		"(%s) neither server nor client starts, and both say why",
		async (mask) => {
			using disk = new ExfatDisk(mask);
			const who = ["--name", "ann", "--email", "ann@gmail.com"];
			const says = /^\S.* does not keep file modes.* Choose a folder elsewhere with --(keys|state)/;
			await using server = new Program("server.ts", ["--port", "0", "--keys", disk.path], {});
			expect([await server.exit(), server.out]).toEqual([1, ""]);
			expect(server.err).toMatch(says);

			// Where chmod is not ours to run, it must not be what we advise.
			await writeFile(join(disk.path, "thesis.txt"), "");
			const bot = ["127.0.0.1:1", "--keys", disk.path, ...who];
			await using client = Bot.program(bot, { FERNET_CHAT_PASSWORD: PASSWORD });
			expect(await client.exit()).not.toBe(0);
			expect(`${client.out}${client.err}`).toContain("elsewhere with --keys");

			await using stage = await Stage.open();
			const place = ["--port", "0", "--keys", join(stage.keys, "other")];
			const tls = [...place, "--tls", "--state", join(disk.path, "state")];
			for (const _ of ["a new state folder", "an old one"]) {
				await using second = new Program("server.ts", tls, {});
				expect([await second.exit(), second.out]).toEqual([1, ""]);
				expect(second.err).toContain("elsewhere with --state");
			}
			expect(await readdir(join(disk.path, "state"))).toEqual([]);
		},
	);
});

describe("where only its user can", () => {
	test.each(masks("umask=077"))("(%s) a room is as anywhere", async (mask) => {
		using disk = new ExfatDisk(mask);
		const [keys, state] = [join(disk.path, "keys"), join(disk.path, "state")];
		await using stage = await Stage.open("--keys", keys, "--state", state, "--tls");
		const joins = (name: string) => {
			const who = ["--name", name, "--email", `${name}@gmail.com`];
			const args = [`127.0.0.1:${stage.port}`, "--keys", keys, ...who, "--patience", "0"];
			return stage.tidy(Bot.program(args, { FERNET_CHAT_PASSWORD: PASSWORD }));
		};
		const bots = [joins("ann"), joins("bob")];
		for (const bot of bots) await bot.waitFor({ type: "welcome" });
		bots[0]?.say("hello");
		for (const bot of bots) await bot.waitFor({ type: "said", from: "ann", text: "hello" });
		expect((await readdir(keys)).filter((name) => name.endsWith(".key"))).toHaveLength(2);
		stage.server.kill();
		expect(await stage.server.exit()).toBe(0);
		for (const bot of bots) expect(await bot.exit()).toBe(0);
		expect(await readdir(keys)).toEqual(["server.lock"]);
		expect(await readdir(state)).toEqual(["server.pem"]);
	});
});
