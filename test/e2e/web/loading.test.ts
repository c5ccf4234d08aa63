import { expect, test } from "bun:test";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { Stage } from "../../support/programs.ts";
import { ROOT } from "../../support/root.ts";

// What a server without a page does not load, and what it does not open.

test.each([
	["without --web", false],
	["with --web", true],
])("%s, the page and its listener are loaded and another port is open: %p", async (_, isPaged) => {
	const folder = await mkdtemp(join(tmpdir(), "fernet-chat-loading-"));
	try {
		const file = join(folder, "modules");
		const preload = `--preload=${join(ROOT, "test/support/list-modules.ts")}`;
		const env = { BUN_OPTIONS: preload, LOADED_MODULES: file };
		await using stage = await Stage.openWith({ env, isPaged });
		const sockets = await readFile(`/proc/${stage.server.pid}/net/tcp`, "utf8");
		const { stdout } = Bun.spawnSync(["ls", "-l", `/proc/${stage.server.pid}/fd`]);
		const listening = sockets
			.split("\n")
			.flatMap((line) => /^ *\d+: \S+ \S+ 0A (?:\S+ +){5}(\d+)/.exec(line)?.[1] ?? [])
			.filter((inode) => stdout.includes(`socket:[${inode}]`));
		expect(listening).toHaveLength(isPaged ? 2 : 1);
		stage.server.kill();
		expect(await stage.server.exit()).toBe(0);
		const loaded = (await readFile(file, "utf8")).split("\n").map((path) => relative(ROOT, path));
		const ofPage = loaded.filter((path) => /^lib\/(web|server\/web|page)\//.test(path));
		expect(ofPage.length > 0).toBe(isPaged);
		expect(loaded).toContain("lib/server/net/connection.ts");
	} finally {
		await rm(folder, { recursive: true });
	}
});
