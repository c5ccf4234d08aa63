import { afterAll, expect, test } from "bun:test";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Stage } from "../../support/programs.ts";
import { ROOT } from "../../support/root.ts";
import { codeFor, logIn } from "../login/code-login.ts";

// The whole server as one executable, by the command that its page gives.

const folder = await mkdtemp(join(tmpdir(), "fernet-chat-executable-"));
const file = join(folder, "fernet-chat-server");
const page = await readFile(join(ROOT, "lib/server/README.md"), "utf8");
const [command = ""] = /^bun build [^`]+--outfile fernet-chat-server$/m.exec(page) ?? [];
const build = command.replace(/^bun/, process.execPath).replace("fernet-chat-server", file);
const built = Bun.spawnSync(["sh", "-c", build], { cwd: ROOT, stdout: "ignore", stderr: "pipe" });
if (built.exitCode !== 0) throw new Error(`${build}\n${built.stderr}`);
// In the place of the runtime and the script, from a folder that has nothing but it.
const within = ["sh", "-c", `shift 2 && cd '${folder}' && exec "$0" "$@"`, file];
const stage = await Stage.openWith({ within, isPaged: true, isMailing: true });
afterAll(async () => {
	await stage[Symbol.asyncDispose]();
	await rm(folder, { recursive: true });
});

const ask = (path: string): Promise<Response> => {
	const headers = { "Accept-Encoding": "gzip, deflate, br" };
	return fetch(new URL(path, stage.url), { headers, decompress: false });
};
const text = async (path: string): Promise<string> =>
	(await fetch(new URL(path, stage.url))).text();

test("it serves the page and all that the page loads, as small and with the headers of the server", async () => {
	const index = await ask("/");
	expect(index.headers.get("cache-control")).toBe("no-cache");
	const links = (await text("/")).matchAll(/(?:src|href)="\.?\/([^"]+)"/g);
	const names = Array.from(links, ([, name = ""]) => name);
	const script = await text(names.find((name) => name.endsWith(".js")) ?? "");
	const [worker = ""] = /timer-worker-[a-z\d]{8}\.js/.exec(script) ?? [];
	const files = await Promise.all(
		// The icon for a home screen is loaded when somebody puts the page there.
		[...names.filter((name) => !name.endsWith(".png")), worker].map(async (name) => {
			const { status, headers } = await ask(name);
			expect([status, headers.get("cache-control")]).toEqual([
				200,
				"public, max-age=31536000, immutable",
			]);
			expect(headers.get("content-security-policy")).toContain("default-src 'none'");
			return { type: headers.get("content-type"), size: Number(headers.get("content-length")) };
		}),
	);
	const types = files.map(({ type }) => type).join();
	for (const type of ["text/javascript", "text/css", "application/manifest+json", "image/svg"]) {
		expect(types).toContain(type);
	}
	const size = files.reduce(
		(sum, file) => sum + file.size,
		Number(index.headers.get("content-length")),
	);
	expect(size).toBeLessThan(60_000);
	expect((await ask("/icon.svg")).status).toBe(200);
});

test("it mails codes", async () => {
	const proof = await codeFor(stage, "ann@gmail.com");
	expect(await logIn(stage, "ann@gmail.com", proof)).toMatchObject({ type: "welcome" });
});

test("it ends as the server does", async () => {
	stage.server.kill("SIGTERM");
	expect(await stage.server.exit()).toBe(0);
});
