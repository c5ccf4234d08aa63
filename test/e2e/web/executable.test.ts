import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "../../support/eventually.ts";
import { ROOT } from "../../support/root.ts";

// The whole server as one executable: it has the page within it.

test("an executable serves the page from anywhere, with the headers of the server", async () => {
	const folder = await mkdtemp(join(tmpdir(), "fernet-chat-executable-"));
	try {
		const file = join(folder, "server");
		const build = [process.execPath, "build", "--compile", "server.ts", "--outfile", file];
		const built = Bun.spawnSync(build, { cwd: ROOT, stdout: "ignore", stderr: "pipe" });
		expect([built.exitCode, built.stderr.toString()]).toEqual([0, expect.anything()]);
		const places = [
			"--port",
			"0",
			"--web",
			"0",
			"--keys",
			"keys",
			"--state",
			join(folder, "state"),
		];
		await using server = Bun.spawn([file, ...places], {
			cwd: folder,
			stdout: "pipe",
			stderr: "ignore",
		});
		let out = "";
		const read = (async () => {
			const decoder = new TextDecoder();
			for await (const chunk of server.stdout) out += decoder.decode(chunk);
		})();
		const [, url = ""] = await eventually("the link", () => /join at: (\S+)/.exec(out));
		const page = await fetch(url);
		expect(page.headers.get("cache-control")).toBe("no-cache");
		const names = Array.from(
			(await page.text()).matchAll(/(?:src|href)="\.?\/([^"]+)"/g),
			([, it]) => it,
		);
		const types = await Promise.all(
			names.map(async (name) => {
				const { status, headers } = await fetch(`${url}${name}`);
				expect([status, headers.get("cache-control")]).toEqual([
					200,
					"public, max-age=31536000, immutable",
				]);
				expect(headers.get("content-security-policy")).toContain("default-src 'none'");
				return headers.get("content-type");
			}),
		);
		for (const type of ["text/javascript", "text/css", "application/manifest+json", "image/svg"]) {
			expect(types.join()).toContain(type);
		}
		expect((await fetch(`${url}icon.svg`)).status).toBe(200);
		server.kill("SIGTERM");
		expect(await server.exited).toBe(0);
		await read;
	} finally {
		await rm(folder, { recursive: true });
	}
});
