import { afterAll, beforeAll, expect, test } from "bun:test";
import { cpSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { EVIL_TITLE, HostileFolder } from "../../support/hostile-folder.ts";
import { openMailbox, PASSWORD } from "../../support/mailbox.ts";
import { Bot, Program, Stage } from "../../support/programs.ts";
import { ROOT } from "../../support/root.ts";
import { Screen } from "../../support/terminal.ts";

// Programs that are started in a folder which somebody else has prepared. Executables:
// executable.test.ts.

let hostile: HostileFolder;
beforeAll(() => {
	hostile = new HostileFolder();
});
afterAll(() => hostile[Symbol.dispose]());

/** Runs what comes after Bun, which is the script, in the folder. */
const byPath = (): string[] => ["sh", "-c", `cd '${hostile.path}' && exec "$@"`];
/** The same by a link without an extension, as package managers make them for a command. */
function byLink(script: string): string[] {
	const link = join(hostile.path, `link-to-${script}`);
	symlinkSync(join(ROOT, script), link);
	return ["sh", "-c", `cd '${hostile.path}' && shift && exec '${link}' "$@"`];
}

test("by their paths alone the programs obey nothing in it", async () => {
	await using stage = await Stage.openWith({ within: byPath(), endsWhenEmpty: true });
	expect(stage.server.out).toContain("listens on 127.0.0.1:");
	const args = stage.clientArgs("--name", "ann", "--email", "ann@gmail.com");
	await using ann = new Screen("client.ts", args, { within: byLink("client.ts") });
	await ann.waitForText(/◆ {2}Password/);
	ann.type(`${PASSWORD}\r`);
	await ann.waitForText("You are ann");
	ann.type("/close\r");
	await ann.waitForText("owner");
	expect(ann.text).not.toContain(EVIL_TITLE);
	ann.type("\x15/leave\r");
	expect(await ann.exit()).toBe(0);
	expect(await stage.server.exit()).toBe(0);
	expect(hostile.obeyed).toBe("");
});

test("nor do they believe a mail server for which nobody vouches", async () => {
	await using mailbox = await openMailbox();
	const keys = join(hostile.path, "keys");
	const args = ["--port", "0", "--keys", keys, "--smtp", mailbox.url];
	await using server = new Program("server.ts", args, {}, byLink("server.ts"));
	await server.waitForOutput("listens on");
	const [, port = ""] = /127\.0\.0\.1:(\d+)/.exec(server.out) ?? [];
	const who = ["--name", "ann", "--email", "ann@gmail.com", "--keys", keys];
	await using bot = Bot.local([`127.0.0.1:${port}`, ...who], { FERNET_CHAT_PASSWORD: PASSWORD });
	expect(await bot.exit()).not.toBe(0);
	expect(mailbox.logins).toEqual([]);
	expect(hostile.obeyed).toBe("");
});

test("a copy whose packages are missing fetches none from where the folder says", async () => {
	using folder = new HostileFolder();
	const copy = join(folder.path, "copy");
	for (const part of ["lib", "client.ts", "package.json"]) {
		cpSync(join(ROOT, part), join(copy, part), { recursive: true });
	}
	// Above the copy it would keep Bun from fetching anything.
	rmSync(join(folder.path, "node_modules"), { recursive: true });
	const asked: string[] = [];
	using registry = Bun.serve({
		port: 0,
		fetch: ({ url }) => {
			asked.push(url);
			return new Response("", { status: 404 });
		},
	});
	folder.write(".npmrc", `registry=${registry.url}`);
	const who = ["--name", "ann", "--email", "ann@gmail.com"];
	const program = Bun.spawn([join(copy, "client.ts"), ...who], {
		cwd: folder.path,
		env: {
			PATH: process.env.PATH,
			BUN_INSTALL_CACHE_DIR: join(folder.path, "cache"),
			FERNET_CHAT_PASSWORD: PASSWORD,
		},
		stderr: "pipe",
	});
	expect(await new Response(program.stderr).text()).toStartWith(
		"The packages that fernet-chat needs are missing. Bun has not fetched them: that takes",
	);
	expect(await program.exited).toBe(1);
	expect(asked).toEqual([]);
});

test("without a working folder there is a sentence", async () => {
	const gone = join(hostile.path, "gone");
	const there = ["sh", "-c", `mkdir '${gone}' && cd '${gone}' && rmdir '${gone}' && exec "$@"`];
	for (const [script, flag] of [
		["client.ts", "--help"],
		["server.ts", "--no-such-flag"],
	] as const) {
		await using program = new Program(script, [flag], {}, there);
		expect(await program.exit()).toBe(1);
		// The shell may have said something before.
		expect(program.err).toEndWith(
			"The working folder has been deleted. Start it in another folder.\n",
		);
		expect(program.err).not.toContain("uv_cwd");
	}
});

test.each(["client.ts", "server.ts"] as const)(
	"as `bun PATH/%s` it names what Bun has obeyed, and goes no further",
	async (script) => {
		using folder = new HostileFolder();
		// With it, Bun would have run something else in its place.
		rmSync(join(folder.path, "tsconfig.json"));
		const there = ["sh", "-c", `cd '${folder.path}' && exec "$0" "$@"`];
		await using program = new Program(script, ["--no-such-flag"], {}, there);
		expect(await program.exit()).toBe(1);
		expect(program.err).toBe(
			`Bun has obeyed "${folder.path}/.env", which is not part of fernet-chat. Start it in another folder, or by its path alone, which obeys no file there: ${join(ROOT, script)}\n`,
		);
	},
);
