import { expect, test } from "bun:test";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { Stage } from "../../support/programs.ts";
import { ROOT } from "../../support/root.ts";

// What a server does not use it does not load.

test("a server whose room is not in Redis loads nothing that asks Redis", async () => {
	const folder = await mkdtemp(join(tmpdir(), "fernet-chat-loading-"));
	try {
		const file = join(folder, "modules");
		const preload = `--preload=${join(ROOT, "test/support/list-modules.ts")}`;
		const env = { BUN_OPTIONS: preload, LOADED_MODULES: file };
		await using stage = await Stage.openWith({ env }, "--remember-days", "30");
		await stage.member("ann");
		stage.server.kill();
		expect(await stage.server.exit()).toBe(0);
		const paths = (await readFile(file, "utf8")).split("\n");
		const loaded = paths.map((path) => relative(ROOT, path));
		const names = loaded.filter((path) => /redis/i.test(path));
		expect(loaded.filter((path) => path === "lib/server/auth/login-store.ts")).toHaveLength(1);
		expect(names.filter((path) => !path.endsWith("/redis-address.ts"))).toEqual([]);
	} finally {
		await rm(folder, { recursive: true });
	}
});
